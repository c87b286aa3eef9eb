/** What tinysh is asked: the host's `sh` gives the same output and the same status. */
export const SCRIPTS: Readonly<Record<string, string>> = {
  quotes: `printf '%s|' a\\ b 'c  "d"' "e  'f' \\$x \\\\ \\" \\n" '' "" x""y 'it'"'"'s'; printf '[%s]' "" '' a'b'"c"; echo`,
  variables: `x=1; y="a  b"; echo $x $y "$y" \${x}2 [$none] "[$none]" \${none:-d e} "\${x:-no}"; z=$y; echo "$z"; x=$x$x$x; echo $x; echo $ a$ "$"`,
  positions: `printf '<%s>' "$@" "x$@y" $@ $* "$*" ""; echo $# "$1" $2 "$3" $0; for i; do echo "<$i>"; done`,
  exported: `A=1; export B=2; C=3 D=4 env | grep -E '^[ABCD]=' | sort; echo "[$C]"; export A; env | grep '^A='; unset B; env | grep '^B='; echo $?`,
  status: `true; echo $?; false; echo $?; (exit 7); echo $?; sh -c 'kill -9 $$'; echo $?; ! true; echo $?; ! false; echo $?; x=$(exit 5); echo $?`,
  "and, or": `true && echo 1; false && echo 2; true || echo 3; false || echo 4; false && echo 5 || echo 6; true || echo 7 && echo 8; echo $?`,
  "not found": `nosuchprogram 2>/dev/null; echo $?; ./nosuch 2>/dev/null; echo $?; echo data > plain; ./plain 2>/dev/null; echo $?; mkdir d; ./d 2>/dev/null; echo $?`,
  pipelines: `echo hello | tr a-z A-Z | sed s/L/l/; printf 'c\\nb\\na\\n' | sort | head -n 2; true | false; echo $?; false | true; echo $?; yes | head -n 3 | cat -n | tr -d ' '`,
  "a pipeline of compounds": `(echo 3; echo 1; echo 2) | sort | while read n; do echo "n $n"; done; { echo x; echo y; } | wc -l | tr -d ' '`,
  "a large pipe": `seq 1 50000 | tail -n 1; seq 1 20000 | while read x; do :; done; seq 1 20000 | cat | cat | cat | wc -c | tr -d ' '`,
  redirections: `echo one > f; echo two >> f; cat < f; cat f nosuch > out 2> err; echo $?; cat out; grep -c nosuch err; { echo o; echo e >&2; } > both 2>&1; cat both; echo no > /nosuch/f 2>/dev/null; echo $?; cat < nosuch 2>/dev/null; echo $?; echo e 2>&1 >/dev/null`,
  "redirected built-ins": `cd / > created; cd "$OLDPWD" 2>/dev/null; : > f; cat f; read line < /etc/hostname; echo $?; echo after`,
  exec: `exec 3> three; echo to three >&3; exec 3>&-; cat three; exec echo gone; echo never`,
  cd: `mkdir -p a/b; cd a/b; pwd | sed 's|.*/\\(a/b\\)|\\1|'; cd ..; pwd | sed 's|.*/||'; cd nosuch 2>/dev/null; echo $?; HOME=/; cd; pwd`,
  "cd in a subshell": `mkdir sub; x=1; (cd sub; x=2; pwd | sed 's|.*/||'; echo $x); pwd | grep -c 'sub$'; echo $x`,
  exit: `(exit); echo $?; (false; exit); echo $?; sh -c 'exit 300'; echo $?; echo before; exit 42; echo never`,
  if: `if true; then echo a; else echo b; fi; if false; then echo a; elif true; then echo c; else echo b; fi; if false; then echo x; fi; echo $?; if [ 2 -gt 1 ] && test -d /; then echo yes
fi`,
  loops: `i=0; while [ $i -lt 3 ]; do echo $i; i=$(expr $i + 1); done; until [ $i -eq 0 ]; do i=$(expr $i - 1); done; echo $i; for x in a "b c" d; do for y in 1 2; do echo "$x$y"; done; done; for e in; do echo none; done; echo $?`,
  substitution: `echo $(echo a; echo b) "$(echo c; echo d)" "$(printf 'x\\n\\n\\n')"; echo $(echo $(echo $(echo deep))); echo "$(echo "in (paren)" | tr -d '()')"; x=$(cat <nosuch 2>/dev/null); echo "[$x]$?"`,
  background: `(sleep 0.05; echo late > f) & wait; cat f; true & wait $!; echo $?; (exit 9) & wait $!; echo $?; cat & wait; echo done`,
  comments: `# a comment
echo a # another
echo b#c "#d" \\#e
echo continued \\
  line`,
  "syntax errors": `(exit 0) | | cat`,
  unterminated: `echo "abc`,
  "missing fi": `if true; then echo a`,
  "stray closer": `echo a; done`,
  text: `printf 'ä€😀\\n' | cat; x='ä€'; echo "$x$x"; for c in α β; do printf '%s.' $c; done; echo`,
  "many processes": `i=0; for a in 1 2 3 4 5; do for b in 1 2 3 4 5; do (exit $b) || i=$(expr $i + $?); done; done; echo $i`,
};

# The shell's language, section by section: what it prints under busybox sh on ring3 is what it prints natively.
say() { printf '%s\n' "$*"; }
section() { say "== $1"; }

section "quoting and expansion order"
a='single "quoted" $no' b="double '$a'" c=un\ quoted
say "$a|$b|$c"
say "tab[$(printf '\t')] nested: $(echo "$(echo "deep $(echo deeper)")")"
say $(echo '  split   me  ') "  keep   me  "
say "back \`tick\` and \$dollar and \\ and \"quote\""
set -- one "two words" '' four
say "$#" "[$*]" "[$@]"
for word in "$@"; do printf '<%s>' "$word"; done; echo
for word in $*; do printf '<%s>' "$word"; done; echo

section "parameters"
unset gone; empty= full=value
say "${gone-default} ${gone:-default} [${empty-default}] ${empty:-default} ${full:+alternative} [${gone+alternative}]"
say "${gone:=assigned} $gone ${#full}"
path=/usr/local/lib/file.tar.gz
say "${path##*/} ${path%/*} ${path%%.*} ${path#/usr} ${path%.gz}"
say "${path/local/LOCAL} ${path//\//:} ${full:1:3} ${full:2}"
(: "${gone2:?is not set}") 2>/dev/null || say "unset parameter: status $?"
set -- a b c d e f g h i j k l
say "$1 ${10} ${12} $#"; shift 3; say "$1 $#"

section "arithmetic"
n=7
say $((n * 6)) $((n / 2)) $((n % 4)) $((-n)) $((2 ** 10)) $((1 << 5)) $((0x1f)) $((010)) $((n > 3 && n < 10)) $((!n))
say $((n++)) $n $((++n)) $((n -= 5)) $((n > 2 ? 100 : 200)) $(((1 + 2) * 3)) $((~5)) $((6 & 3)) $((6 | 1)) $((6 ^ 3))
i=0; while [ $((i += 1)) -lt 5 ]; do printf '%d ' $i; done; echo
let "m = 3 * 4"; say $m

section "field splitting"
IFS=:; set -- $(echo a:b::c); say $#; for f in a:b "c:d"; do printf '<%s>' $f; done; echo
data=x:y:z; IFS=: read -r p q r <<END
$data
END
unset IFS; say "$p $q $r"
printf 'one two three\nfour\n' | { read first rest; read second; say "$first|$rest|$second"; }
printf 'back\\slash\n' | { read -r raw; say "$raw"; }
IFS=' ,'; set -- a,b, c ,d; say $#; unset IFS

section "here-documents"
name=world
cat <<END
hello $name $((1 + 1)) $(echo command) \$escaped
END
cat <<'END'
literal $name $(echo no)
END
cat <<-END
	tabs are stripped
		all of them
	END
cat <<ONE; cat <<TWO
first
ONE
second
TWO
while read -r line; do say "line: $line"; done <<END
a
b c
END

section "redirections"
mkdir redirections && cd redirections
echo one >file; echo two >>file; cat file
echo error >&2 2>/dev/null; { echo out; echo err >&2; } >both 2>&1; cat both
{ echo out; echo err >&2; } 2>&1 >/dev/null | sed 's/^/caught: /'
exec 3>third; echo to three >&3; exec 3>&-; cat third
exec 4<file; read -r l <&4; say "$l"; read -r l <&4; say "$l"; exec 4<&-
echo x >clobbered; set -C; echo y 2>/dev/null >clobbered || say "noclobber kept $(cat clobbered)"; echo z >|clobbered; set +C; cat clobbered
cat <file >copy && cmp file copy && say same
: >emptied; [ -s emptied ] || say empty
cat nothing 2>/dev/null || say "status $?"
(echo in a subshell) >sub; cat sub
echo 1 2>&1 1>&2 2>/dev/null
cat 0<<END 1>&2 2>&1
swapped
END
echo rw >rw; exec 5<>rw; read -r l <&5; echo more >&5; exec 5>&-; cat rw
cd ..

section "conditions and loops"
if false; then say no; elif [ 1 -eq 1 ] && ! false; then say elif; else say no; fi
for i in 1 2 3 4 5; do [ $i = 2 ] && continue; [ $i = 4 ] && break; printf '%s ' $i; done; echo
until [ ${u:-0} -ge 3 ]; do u=$((${u:-0} + 1)); done; say $u
for x in a b; do for y in 1 2 3; do [ $y = 2 ] && continue 2; printf '%s%s ' $x $y; done; done; echo
for v in abc a1 xyz '' 'a b' '*'; do
  case $v in
    a[0-9]) say "$v: digit" ;;
    abc | def) say "$v: word" ;;
    '') say "empty" ;;
    *' '*) say "$v: space" ;;
    '*') say "star" ;;
    *) say "$v: other" ;;
  esac
done
[ -d . ] && [ ! -e nothing ] && [ abc != abd ] && [ -n x ] && [ -z "" ] && [ 3 -gt 2 ] && say tests
[ a = a -a b = b ] && [ a = b -o b = b ] && test -f script.none || say "last one failed"
[[ abc == a* && ! abc == b* ]] && say pattern

section "functions"
outer() { local v=inner; inner; say "$v $g"; }
inner() { g=global; v=changed; }
v=outside; outer; say $v
fact() { if [ $1 -le 1 ]; then echo 1; else echo $(($1 * $(fact $(($1 - 1))))); fi; }
fact 10
status() { return $1; }
status 3 || say "returned $?"
args() { say "$# $1 $2"; set -- changed; say "$1"; }; set -- mine; args x y z; say "$1"
redirected() { echo inside; } >function-output; redirected; cat function-output
unset -f status; status 2>/dev/null || say "gone: $?"

section "lists and status"
true && say and || say or; false && say and || say or
! true; say $?; (exit 42); say $?; { exit_in_braces=1; }; say $exit_in_braces
false | true; say $?; true | false; say $?; set -o pipefail; false | true; say $?; set +o pipefail
x=1 sh -c 'echo "x is $x"'; say "${x-unset}"
sh -c 'exit 7'; say $?; sh -c 'kill -TERM $$'; say $?; /absent/command 2>/dev/null; say $?
(cd / && say "$PWD"); [ "$PWD" != / ] && say "still here"

section "set -e"
(set -e; false; say "not reached"); say $?
(set -e; false || true; if false; then :; fi; ! true; say "reached"); say $?
(set -e; f() { false; say "function goes on in a condition"; }; f && :; say here); say $?
(set -e; x=$(false); say "not reached"); say $?
(set -u; echo "$never_set") 2>/dev/null; say $?

section "traps"
(trap 'say "on exit $?"' EXIT; exit 5); say $?
(trap 'say got-TERM' TERM; kill -TERM $(exec sh -c 'echo $PPID'); say after); say $?
(trap '' HUP; sh -c 'kill -HUP $$; echo survived'); say $?
(trap 'say exit-trap' EXIT; trap - EXIT; say cleared)
(trap 'say INT' INT; trap 'say TERM' TERM; trap) | sort

section "pipelines"
seq 1 100 | grep 7 | sort -rn | head -3 | tr '\n' ' '; echo
yes | head -2; echo
printf 'c\na\nb\n' | sort | while read -r l; do printf '%s-' "$l"; done; echo
echo abc | tee copy1 | tr a-z A-Z | rev; cat copy1
{ echo 1; echo 2; } | (read a; read b; echo $((a + b)))
seq 1 1000 | wc -l; head -c 100000 /dev/zero | wc -c

section "background jobs"
sleep 0.05 & wait $!; say "waited $?"
(exit 9) & wait $!; say $?
sleep 100 & kill $!; wait $! 2>/dev/null; say $?
for i in 3 1 2; do (sleep 0.$i; echo $i) >job.$i & done; wait; cat job.1 job.2 job.3
{ sleep 0.02; echo from the background; } & wait; say done

section "globbing"
mkdir glob && cd glob && touch a.c b.c c.h .hidden 'with space.c' && mkdir sub && touch sub/d.c
say *; say *.c; say ?.c; say [ab].c; say [!a]*; say */*.c; say .h*; say none*; say "*.c"
set -f; say *.c; set +f
for f in *.c; do printf '<%s>' "$f"; done; echo
cd ..

section "eval, command, source, alias"
eval 'e=1; f() { say "evaluated $1"; }'; f $e
command -v say >/dev/null && say "say is known"; command -v nothing-at-all >/dev/null || say "nothing is not"
echo 'sourced=$1; return 4' >lib.sh; . ./lib.sh argument; say "$? $sourced"
alias greet='echo hello'; eval 'greet you'
type cd | head -1; unalias greet

section "getopts and printf"
parse() { OPTIND=1; while getopts ab:c o "$@"; do printf '%s=%s ' "$o" "$OPTARG"; done; shift $((OPTIND - 1)); say "rest $*"; }
parse -a -b value -c rest more; parse -ac -bx; parse -- -a
printf '%5d|%-5s|%05.1f|%x|%o|%c|%%\n' 42 ab 3.14159 255 8 xyz
printf '%s-%s\n' a b c d; printf '%b' 'tab\there\n'; printf '%q\n' "it's" 2>/dev/null || :

section "command substitution"
say "status of an assignment: $(x=$(exit 4); echo $?)"
lines=$(printf 'one\ntwo\n\n\n'); say "[$lines]"
say "$(cat <<END
a here-document in a substitution: $((2 + 3))
END
)"
say "$(say "$(case x in x) echo "case in a substitution" ;; esac)")"
big=$(seq 1 20000); say ${#big}
cp "$0" script.copy; [ "$(cat script.copy)" = "$(cat "$0")" ] && say copied

section "subshells keep to themselves"
v=outer; (v=inner; cd /; umask 077; set -f; trap 'say no' EXIT; trap - EXIT); say "$v $(umask) $-" | tr -d s
v=before; echo ignored | { read v; }; say $v
(exec 2>/dev/null; echo hidden >&2; exec echo replaced); say $?
f() { ( v=in-f; exit 6 ); }; f; say "$? $v"

section "signals between processes"
sh -c 'trap "echo child got USR1; exit 11" USR1; echo ready >flag; while :; do sleep 0.01; done' &
until [ -s flag ]; do sleep 0.01; done
kill -USR1 $!; wait $!; say $?
(sleep 100 & echo $! >pid; wait) & until [ -s pid ]; do sleep 0.01; done
kill -KILL $(cat pid); wait $! 2>/dev/null; say "$?"
trap 'say "handler in between"' USR1; kill -USR1 $$; trap - USR1; kill -0 $$ && say alive

section "reading and writing"
printf 'a b\nc d\ne' >input
while read -r x y || [ -n "$x" ]; do say "[$x][$y]"; done <input
n=0; while read -r l; do n=$((n + 1)); done <input; say $n
{ read -r first; cat; } <input | tail -1; echo
read -n 3 three <input; say "$three"; read -d d upto <input; say "$upto" | tr '\n' '/'; echo
echo "exact  spacing" | { IFS= read -r l; say "$l"; }
exec 6>log; for i in 1 2 3; do echo $i >&6; done; exec 6>&-; tr '\n' ' ' <log; echo

say "$(wc -l <"$0") lines"
exit 3

# The commands that scripts lean on, on fixed input.
section() { printf '== %s\n' "$*"; }

section text
seq 1 12 | sed -n '3p;5,7p;/^1[01]/p'
printf 'alpha 1\nbeta 2\ngamma 3\n' >table
sed 's/\([a-z]*\) \([0-9]\)/\2 \1/; s/a/A/2' table
sed -e '2d' -e '$a\last' -e '1i\first' table
sed -i 's/beta/BETA/' table && cat table
awk '{ sum += $2; print NR, $1, length($1) } END { print "sum", sum, sum / NR }' table
awk 'BEGIN { FS = ":"; OFS = "-" } { $2 = toupper($2); print; n[$1]++ } END { for (k in n) print k, n[k] }' <<END
x:one:1
x:two:2
END
awk 'BEGIN { printf "%05.2f %s %d\n", 3.14159, substr("hello", 2, 3), index("hello", "l"); print match("foobar", /o+/), RSTART, RLENGTH; gsub(/o/, "0", s = "foo"); print split("a,b,c", parts, ","), parts[3] }' 2>/dev/null
grep -n a table; grep -c a table; grep -v BETA table; grep -E '^(alpha|gamma) [0-9]$' table; grep -o '[0-9]' table; grep -q nothing table || echo none
grep -i beta table; grep -F '.' table || echo "no dot"; printf 'x\0y' | tr '\0' '\n'; echo
cut -d' ' -f2 table; cut -c1-3 table; printf 'a\tb\tc\n' | cut -f1,3
sort -k2 -rn table; printf '10\n9\n2\n1\n' | sort; printf '10\n9\n2\n1\n' | sort -n; printf 'b\na\nb\n' | sort -u; printf 'b 2\na 2\nc 1\n' | sort -k2,2n -k1,1r
printf 'a\na\nb\na\n' | uniq -c; printf 'a\na\nb\n' | uniq -d
printf 'hello\n' | tr 'a-y' 'b-z'; printf 'aabbcc\n' | tr -s b; printf 'a1b2\n' | tr -d 0-9; printf 'a1b2\n' | tr -cd 0-9; echo
head -2 table; tail -n 1 table; tail -n +2 table; head -c 5 table; echo; wc table; nl table; tac table; rev table
paste table table; paste -sd, table; comm -12 table table; fold -w 4 table; expand <<END
	tab
END
printf 'a b c' | xargs -n1 echo item; seq 3 | xargs -I{} echo "<{}>"
diff table - <<END
alpha 1
BETA two
gamma 3
END
echo "diff: $?"; cmp table table && echo identical
printf 'a\nb\nc\n' >old; printf 'a\nB\nc\nd\n' >new; diff -u old new | tail -n +3; diff -u old new >p; cp old patched; patch patched p >/dev/null; cmp patched new && echo patched

section numbers
seq 5 -2 1 | tr '\n' ' '; seq -w 8 11 | tr '\n' ' '; seq 1 0.5 2 | tr '\n' ' '; echo
expr 7 \* 6; expr abcdef : 'abc\(.*\)'; expr length hello; expr 5 \> 3; expr substr hello 2 3
echo '2^64; scale=5; 22/7; sqrt(2); 17 % 5' | bc; echo '5 3 + p' | dc; factor 360 97
printf '%d %i %o %x %X %e %g %c %s\n' 10 0x10 8 255 255 12345.678 0.0001 char string

section files
mkdir -p tree/a/b tree/c; echo one >tree/a/1; echo two >tree/a/b/2; echo three >tree/c/3; ln -s a/1 tree/link; ln tree/c/3 tree/hard
find tree | sort; find tree -type f -name '[12]' | sort; find tree -type d | sort; find tree -type l; find tree -type f -exec cat {} + | sort
find tree -links 2 -type f | sort; find tree -empty; find tree -maxdepth 1 | sort; find tree -name b -prune -o -type f -print | sort
readlink tree/link; cat tree/link; basename /x/y.c .c; dirname /x/y.c; realpath tree/link | sed "s,^$PWD/,,"
cp -r tree copy && diff -r tree copy && echo "copies agree"; mv copy/a copy/moved; ls copy copy/moved; rm -r copy; ls -d copy 2>/dev/null || echo removed
chmod 640 tree/a/1; stat -c '%a %s %F %h %n' tree/a/1 tree/link tree/c/3; stat -c '%a %F %h' tree/a; ls -l tree/a/1 | cut -c1-10; touch -t 202001020304.05 tree/a/1; stat -c %Y tree/a/1; date -u -r tree/a/1 '+%F %T'
ls -a tree; ls -1F tree; ls -R tree; du -a tree | wc -l; test tree/a/1 -ef tree/link && echo "same file"; [ tree/c/3 -nt tree/a/1 ] && echo newer
dd if=tree/c/3 of=part bs=1 skip=1 count=3 2>/dev/null; cat part; echo; dd if=/dev/zero bs=1k count=3 2>/dev/null | wc -c; truncate -s 100 sized; wc -c <sized; split -l 1 table piece. && cat piece.ab; install -m 700 part installed; stat -c %a installed
mkfifo fifo; cat fifo & echo through the fifo >fifo; wait; tee a b <part >/dev/null; cat a b; echo; mktemp -d dir.XXXXXX | cut -c1-4; yes | head -c 20 | od -c | head -2; printf 'ABC' | hexdump -C; printf 'ABC' | xxd

section archives and sums
tar -cf t.tar tree; tar -tf t.tar | sort; mkdir out; tar -xf t.tar -C out; diff -r tree out/tree && echo "archive agrees"
tar -czf t.tgz tree; gzip -dc t.tgz | tar -tf - | wc -l; seq 1 1000 | gzip -9 | gunzip | md5sum; seq 1 1000 | bzip2 | bunzip2 | sha1sum
seq 1 100 | sha256sum; seq 1 100 | sha512sum | cut -c1-20; seq 1 100 | cksum; printf 'hello' | base64; printf 'aGVsbG8=' | base64 -d; echo; seq 1 100 | sum
(cd tree && find . -type f | sort | cpio -o -H newc 2>/dev/null) | cpio -t 2>/dev/null; printf 'uu' | uuencode -m name; ar -t nothing 2>/dev/null || echo "ar: $?"

section system
date -u -d @86400 '+%Y-%m-%d %H:%M:%S %a %j'; date -u -d '2024-02-29 12:00' +%s; TZ=EST5EDT date -d @1720000000 '+%H:%M %Z'; cal 2 2024
env -i A=1 B=2 env | sort; env | grep -c ^PATH=; uname; id -u; whoami; true; false || echo "false: $?"; timeout 1 true; echo $?; timeout -s KILL 0.1 sleep 10 2>/dev/null; echo $?; which sh >/dev/null && echo found; usleep 1000; printenv HOME; pwd | sed 's,.*/,,' | wc -l; sleep 0.01; tty; echo $?; logname >/dev/null 2>&1; hostid >/dev/null; nproc | grep -c '[0-9]'; arch >/dev/null; sync; time true 2>/dev/null
vi --help >/dev/null 2>&1; echo "vi: $?"; test -t 0; echo $?; [ "$(ps -o pid,comm | grep -c sh)" -gt 0 ] && echo "ps sees a shell"; stty size 2>/dev/null || echo "no terminal"; pidof no-such-program; echo $?; kill -l 15; kill -l TERM; mount | grep -c ' /proc '; df . | wc -l; free | head -1 | wc -w | grep -c .; uptime | grep -c load

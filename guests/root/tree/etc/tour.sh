# The tour: what the system can do, in a few commands that show themselves first.

show() {
	printf '\033[1m$ %s\033[0m\n' "$1"
	sh -c "$1"
}
[ -t 1 ] || show() {
	printf '$ %s\n' "$1"
	sh -c "$1"
}

show 'uname -srm; readlink /proc/self/exe'
show 'seq 1 1000 | sort -rn | head -3 | tr "\n" " "; echo'
show 'fork-switch'
show 'sleep 100 & kill $!; wait $!; echo "status $?"'
show 'lua -e "print(pcall(error, \"caught across C frames\"))"'
show 'sqlite3 :memory: "select sum(value) from generate_series(1, 1000)"'
show 'threads'
show 'ps -o pid,ppid,comm'
show 'letters < /etc/motd | tr "\n" " "; hello-wat'

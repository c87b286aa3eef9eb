# Servers and clients of the network, on 127.0.0.1. Ports are printed nowhere: they are this script's own guess at free ones.
section() { printf '== %s\n' "$*"; }
port=$((20000 + $$ % 9000))
# Waits until somebody listens on a port.
until_open() { n=0; until netstat -tln | grep -q ":$1 "; do n=$((n + 1)); [ $n -gt 100 ] && echo "nobody listens" && return; sleep 0.05; done; }

section httpd and wget
mkdir -p www/cgi-bin
echo "a page" >www/page.txt
seq 1 20000 >www/large.txt
cat >www/cgi-bin/echo <<'END'
#!/bin/sh
echo "Content-Type: text/plain"
echo
echo "$REQUEST_METHOD $QUERY_STRING"
cat
END
chmod +x www/cgi-bin/echo
httpd -f -p 127.0.0.1:$port -h www &
server=$!
until_open $port
url=http://127.0.0.1:$port
wget -qO- $url/page.txt
wget -q -O large.txt $url/large.txt && cmp large.txt www/large.txt && echo the same
wget -q -O missing $url/missing || echo "failed: $?"
wget -qO- "$url/cgi-bin/echo?a=1&b=2"
wget -qO- --post-data 'sent along' $url/cgi-bin/echo; echo
for i in 1 2 3 4 5; do wget -qO part.$i $url/large.txt & parts="$parts $!"; done
wait $parts
cat part.* | wc -l
wget -q --spider $url/page.txt && echo "it is there"
kill $server
wait $server
wget -qO- $url/page.txt 2>&1 | sed "s/:$port//g; s/ (.*)//"

section nc
port=$((port + 1))
(echo from the server; sleep 0.3) | nc -l -p $port >received &
server=$!
until_open $port
echo from the client | nc 127.0.0.1 $port
wait $server
cat received
nc 127.0.0.1 $port </dev/null 2>/dev/null || echo "refused: $?"

section tcpsvd
port=$((port + 1))
tcpsvd -c 5 127.0.0.1 $port sh -c 'read line; echo "<$line>"' &
server=$!
until_open $port
for word in one two three; do echo $word | nc 127.0.0.1 $port; done
for i in 1 2 3 4; do echo $i | nc 127.0.0.1 $port & clients="$clients $!"; done | sort
kill $server
wait $server

section ftpd
port=$((port + 1))
mkdir files
echo remote >files/there
tcpsvd 127.0.0.1 $port ftpd -A -w files &
server=$!
until_open $port
ftpget -P $port 127.0.0.1 local there && cat local
ftpput -P $port 127.0.0.1 put local && cat files/put
kill $server
wait $server

section udp
port=$((port + 1))
udpsvd 127.0.0.1 $port sh -c 'dd bs=64 count=1 2>/dev/null >question; echo answer' &
server=$!
sleep 0.2
echo question | nc -u -w 1 127.0.0.1 $port
cat question
kill $server
wait $server

section status
ifconfig lo | sed -n 's/ *\(inet addr:127.*\)/\1/p; s/ *\(inet6 addr.*\)/\1/p'
hostname >/dev/null && echo "a name"
netstat -tln | head -1

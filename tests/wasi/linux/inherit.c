/* inherit PROGRAM pair|dgram|listen: runs PROGRAM with a socket for standard input, talks to it, and says what it answered and what it wrote. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "\0wasi"};
static const socklen_t length = sizeof name.sun_family + 5;

int main(int argc, char **argv) {
  int sockets[2], output[2], pair = !strcmp(argv[2], "pair"), dgram = !strcmp(argv[2], "dgram"), n, status;
  char text[4096], answer[100];
  setvbuf(stdout, 0, _IONBF, 0);
  if (pair || dgram) socketpair(AF_UNIX, pair ? SOCK_STREAM : SOCK_DGRAM, 0, sockets);
  else {
    sockets[0] = socket(AF_UNIX, SOCK_STREAM, 0);
    sockets[1] = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(sockets[1], (void *)&name, length) || listen(sockets[1], 1)) perror("listen");
  }
  pipe(output);
  if (!fork()) {
    dup2(sockets[1], 0);
    dup2(output[1], 1);
    close(sockets[0]), close(sockets[1]), close(output[0]), close(output[1]);
    execl(argv[1], argv[1], pair || dgram ? argv[2] : NULL, NULL);
    _exit(99);
  }
  close(sockets[1]), close(output[1]);
  if (!pair && !dgram) {
    /* "nobody there" has been said. */
    for (int got = 0; !memchr(text, '\n', got) || !strstr(text, "nobody"); text[got] = 0)
      if ((n = read(output[0], text + got, sizeof text - 1 - got)) > 0) got += n;
      else break;
    fputs(text, stdout);
    if (connect(sockets[0], (void *)&name, length)) perror("connect");
  }
  send(sockets[0], "hello", pair ? 3 : 5, 0);
  if (pair) usleep(20000), send(sockets[0], "lo", 2, 0);
  for (int got = 0; got < 5; got += n)
    if ((n = recv(sockets[0], answer + got, sizeof answer - got, 0)) <= 0) break;
  /* Datagrams have no end. */
  if (dgram) send(sockets[0], "", 0, 0);
  else shutdown(sockets[0], SHUT_WR);
  while ((n = read(output[0], text, sizeof text)) > 0) write(1, text, n);
  printf("answer: %.5s, then %zd\n", answer, recv(sockets[0], answer, 1, MSG_DONTWAIT));
  wait(&status);
  printf("status: %d\n", status);
}

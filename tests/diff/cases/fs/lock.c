// Record locks of fcntl(2).
#include "../../harness.h"

static int fd;
static int set(int type, off_t start, off_t length) {
  struct flock lock = {.l_type = (short)type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  return fcntl(fd, F_SETLK, &lock);
}
// What another process finds in the way of a write lock.
static void find(off_t start, off_t length) {
  pid_t owner = getpid(), pid = (pid_t)MUST(fork());
  if (pid == 0) {
    static const struct name types[] = {N(F_RDLCK), N(F_WRLCK), N(F_UNLCK)};
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
    MUST(fcntl(fd, F_GETLK, &lock));
    printf("%ld+%ld: %s", (long)start, (long)length, name_in(types, COUNT(types), lock.l_type));
    if (lock.l_type != F_UNLCK)
      printf(" whence %d, %ld+%ld, owner %d", lock.l_whence, (long)lock.l_start, (long)lock.l_len, lock.l_pid == owner);
    printf("\n");
    _exit(0);
  }
  MUST(waitpid(pid, NULL, 0));
}
#define IN_CHILD(...)                     \
  do {                                    \
    pid_t in_child = (pid_t)MUST(fork()); \
    if (in_child == 0) {                  \
      __VA_ARGS__;                        \
      _exit(0);                           \
    }                                     \
    reap(in_child);                       \
  } while (0)

static void start(void) {
  fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  MUST(write(fd, "0123456789", 10));
}

CASE(write_lock) {
  start();
  SHOW(set(F_WRLCK, 10, 10));
  find(0, 10);
  find(0, 11);
  find(19, 1);
  find(20, 1);
  IN_CHILD(SHOW(set(F_WRLCK, 15, 1)); SHOW(set(F_RDLCK, 15, 1)); SHOW(set(F_WRLCK, 20, 1)));
  SHOW(set(F_UNLCK, 0, 0));
  find(0, 0);
}

CASE(read_locks) {
  start();
  SHOW(set(F_RDLCK, 0, 10));
  IN_CHILD(SHOW(set(F_RDLCK, 5, 10)); SHOW(set(F_WRLCK, 5, 10)); SHOW(set(F_WRLCK, 10, 10)));
  find(0, 5);
}

CASE(split_and_merge) {
  start();
  SHOW(set(F_WRLCK, 0, 100));
  SHOW(set(F_UNLCK, 40, 20));
  find(0, 1);
  find(40, 20);
  find(60, 1);
  SHOW(set(F_RDLCK, 10, 10));
  find(0, 1);
  find(10, 1);
  find(20, 1);
  SHOW(set(F_WRLCK, 10, 60));
  find(0, 1);
}

CASE(to_the_end) {
  start();
  SHOW(set(F_WRLCK, 5, 0));
  find(0, 5);
  find(1000000, 1);
  SHOW(set(F_UNLCK, 100, 0));
  find(50, 1);
  find(100, 1);
}

CASE(relative) {
  start();
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_END, .l_start = -3, .l_len = 2};
  SHOW(fcntl(fd, F_SETLK, &lock));
  find(0, 0);
  SHOW(set(F_UNLCK, 0, 0));
  SHOW(lseek(fd, 4, SEEK_SET));
  lock = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_CUR, .l_start = 1, .l_len = -3};
  SHOW(fcntl(fd, F_SETLK, &lock));
  find(0, 0);
  lock = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 2, .l_len = -3};
  SHOW(fcntl(fd, F_SETLK, &lock));
  lock.l_whence = 77;
  SHOW(fcntl(fd, F_SETLK, &lock));
  SHOW(set(77, 0, 1));
}

// Closing any descriptor of the file drops all of the process's locks.
CASE(lost_on_close) {
  start();
  SHOW(set(F_WRLCK, 0, 10));
  int other = (int)MUST(open("file", O_RDONLY));
  find(0, 1);
  SHOW(close(other));
  find(0, 1);
}

CASE(not_inherited) {
  start();
  SHOW(set(F_WRLCK, 0, 10));
  IN_CHILD(SHOW(set(F_WRLCK, 0, 10)); close(fd));
  find(0, 1);
}

CASE(own_locks_never_conflict) {
  start();
  SHOW(set(F_WRLCK, 0, 10));
  SHOW(set(F_RDLCK, 0, 10));
  SHOW(set(F_WRLCK, 0, 10));
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  SHOW(fcntl(fd, F_GETLK, &lock));
  NUM(lock.l_type == F_UNLCK);
}

CASE(access_mode) {
  start();
  fd = (int)MUST(open("file", O_RDONLY));
  SHOW(set(F_WRLCK, 0, 1));
  SHOW(set(F_RDLCK, 0, 1));
  fd = (int)MUST(open("file", O_WRONLY));
  SHOW(set(F_RDLCK, 0, 1));
  SHOW(set(F_WRLCK, 0, 1));
  fd = 99;
  SHOW(set(F_WRLCK, 0, 1));
}

static int wait_for(int type, off_t start, off_t length) {
  struct flock lock = {.l_type = (short)type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  return fcntl(fd, F_SETLKW, &lock);
}
CASE(waiting) {
  start();
  MUST(set(F_WRLCK, 0, 10));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    SHOW(wait_for(F_WRLCK, 5, 1));
    _exit(0);
  }
  until_asleep(pid);
  printf("unlocking\n");
  MUST(set(F_UNLCK, 0, 10));
  reap(pid);
}

CASE(deadlock) {
  start();
  int ends[2];
  MUST(pipe(ends));
  MUST(set(F_WRLCK, 0, 1));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    MUST(set(F_WRLCK, 1, 1));
    tell(ends[1]);
    MUST(wait_for(F_WRLCK, 0, 1));
    printf("the child got it\n");
    _exit(0);
  }
  hear(ends[0]);
  until_asleep(pid);
  SHOW(wait_for(F_WRLCK, 1, 1));
  MUST(set(F_UNLCK, 0, 1));
  reap(pid);
}

// Open file description locks belong to the description: they work within one process.
CASE(description_locks) {
  start();
  int other = (int)MUST(open("file", O_RDWR));
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 10};
  SHOW(fcntl(fd, F_OFD_SETLK, &lock));
  SHOW(fcntl(other, F_OFD_SETLK, &lock));
  SHOW(fcntl(dup(fd), F_OFD_SETLK, &lock));
  SHOW(fcntl(other, F_OFD_GETLK, &lock));
  printf("type %d pid %d\n", lock.l_type == F_WRLCK, (int)lock.l_pid);
  close(fd);
  lock.l_pid = 0;
  SHOW(fcntl(other, F_OFD_SETLK, &lock));
}

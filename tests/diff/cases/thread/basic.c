// pthreads: start, join, detach, exit, keys, thread-local storage.
#include <pthread.h>
#include <semaphore.h>
#include "../../harness.h"

static void *add_one(void *argument) {
  return (char *)argument + 1;
}
CASE(join) {
  pthread_t thread;
  void *result;
  char base[8];
  ERR(pthread_create(&thread, NULL, add_one, base));
  ERR(pthread_join(thread, &result));
  NUM((char *)result - base);
  pthread_t threads[8];
  for (int i = 0; i < 8; i++) MUST(-pthread_create(&threads[i], NULL, add_one, base + i));
  for (int i = 7; i >= 0; i--) {
    MUST(-pthread_join(threads[i], &result));
    printf("%d ", (int)((char *)result - base));
  }
  printf("\n");
}

static void leave(void) {
  pthread_exit((void *)5);
}
static void *calls_leave(void *argument) {
  leave();
  return argument;
}
CASE(exit_and_self) {
  pthread_t thread;
  void *result;
  MUST(-pthread_create(&thread, NULL, calls_leave, NULL));
  MUST(-pthread_join(thread, &result));
  NUM((long)(intptr_t)result);
  NUM(pthread_equal(pthread_self(), pthread_self()) != 0);
  NUM(pthread_equal(pthread_self(), thread) != 0);
}

static _Thread_local int local = 7;
static _Thread_local char big_local[5000] = "initial";
static void *use_local(void *argument) {
  int before = local;
  local += (int)(intptr_t)argument;
  for (int i = 0; i < 5; i++) sched_yield();
  big_local[0] = 'X';
  return (void *)(intptr_t)(before * 1000 + local);
}
CASE(thread_local_storage) {
  pthread_t threads[4];
  local = 100;
  for (int i = 0; i < 4; i++) MUST(-pthread_create(&threads[i], NULL, use_local, (void *)(intptr_t)i));
  for (int i = 0; i < 4; i++) {
    void *result;
    MUST(-pthread_join(threads[i], &result));
    printf("%ld ", (long)(intptr_t)result);
  }
  printf("\n%d %s\n", local, big_local);
}

static pthread_key_t key, other_key;
static int destroyed[2];
static void destroy(void *value) {
  destroyed[0] += (int)(intptr_t)value;
  // A destructor may set a key again: it is called again.
  if ((intptr_t)value == 3) pthread_setspecific(key, (void *)10);
}
static void *use_key(void *argument) {
  if (pthread_getspecific(key)) return (void *)1;
  pthread_setspecific(key, argument);
  pthread_setspecific(other_key, argument);
  return pthread_getspecific(key) == argument ? NULL : (void *)2;
}
CASE(keys) {
  ERR(pthread_key_create(&key, destroy));
  ERR(pthread_key_create(&other_key, NULL));
  pthread_setspecific(key, (void *)50);
  for (intptr_t i = 1; i <= 3; i++) {
    pthread_t thread;
    void *result;
    MUST(-pthread_create(&thread, NULL, use_key, (void *)i));
    MUST(-pthread_join(thread, &result));
    printf("%ld, destroyed %d\n", (long)(intptr_t)result, destroyed[0]);
  }
  NUM((long)(intptr_t)pthread_getspecific(key));
  ERR(pthread_key_delete(key));
}

static sem_t posted;
static void *post(void *argument) {
  sem_post(&posted);
  return argument;
}
CASE(detached) {
  pthread_attr_t attributes;
  pthread_t thread;
  sem_init(&posted, 0, 0);
  ERR(pthread_attr_init(&attributes));
  ERR(pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED));
  for (int i = 0; i < 20; i++) MUST(-pthread_create(&thread, &attributes, post, NULL));
  for (int i = 0; i < 20; i++) sem_wait(&posted);
  MUST(-pthread_create(&thread, NULL, post, NULL));
  ERR(pthread_detach(thread));
  sem_wait(&posted);
  int value;
  sem_getvalue(&posted, &value);
  NUM(value);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int initialised;
static void initialise(void) {
  sched_yield();
  initialised++;
}
static void *run_once(void *argument) {
  pthread_once(&once, initialise);
  return (void *)(intptr_t)initialised;
}
CASE(only_once) {
  pthread_t threads[6];
  for (int i = 0; i < 6; i++) MUST(-pthread_create(&threads[i], NULL, run_once, NULL));
  for (int i = 0; i < 6; i++) {
    void *result;
    MUST(-pthread_join(threads[i], &result));
    printf("%ld ", (long)(intptr_t)result);
  }
  printf("%d\n", initialised);
}

static void *recurse(void *argument) {
  volatile char frame[1000];
  intptr_t depth = (intptr_t)argument;
  frame[depth % 1000] = 1;
  return depth == 0 ? (void *)(intptr_t)frame[0] : (void *)((intptr_t)recurse((void *)(depth - 1)) + frame[depth % 1000]);
}
CASE(stack_size) {
  pthread_attr_t attributes;
  pthread_t thread;
  void *result;
  size_t size;
  pthread_attr_init(&attributes);
  ERR(pthread_attr_setstacksize(&attributes, 512 << 10));
  ERR(pthread_attr_getstacksize(&attributes, &size));
  NUM(size);
  ERR(pthread_attr_setstacksize(&attributes, 1));
  MUST(-pthread_create(&thread, &attributes, recurse, (void *)200));
  MUST(-pthread_join(thread, &result));
  NUM((long)(intptr_t)result);
}

static void *same_process(void *argument) {
  int *fds = argument;
  close(fds[0]);
  chdir("below");
  umask(077);
  return (void *)(intptr_t)getpid();
}
CASE(shared_with_the_process) {
  int fds[2];
  MUST(mkdir("below", 0755));
  MUST(pipe(fds));
  pthread_t thread;
  void *result;
  MUST(-pthread_create(&thread, NULL, same_process, fds));
  MUST(-pthread_join(thread, &result));
  NUM((intptr_t)result == getpid());
  SHOW(fcntl(fds[0], F_GETFD));
  SHOW(access("../below", F_OK));
  NUM(umask(022));
}

static void *errno_user(void *argument) {
  errno = ENOENT;
  sched_yield();
  close(-1);
  return (void *)(intptr_t)errno;
}
CASE(errno_is_separate) {
  pthread_t thread;
  void *result;
  errno = EAGAIN;
  MUST(-pthread_create(&thread, NULL, errno_user, NULL));
  MUST(-pthread_join(thread, &result));
  STR(errname((int)(intptr_t)result));
}

// The first thread leaves by pthread_exit: the process lives until the last one ends.
static void *last(void *argument) {
  sleep_ms(20);
  printf("the last thread\n");
  exit(3);
}
CASE(main_thread_first) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    pthread_t thread;
    MUST(-pthread_create(&thread, NULL, last, NULL));
    pthread_exit(NULL);
  }
  reap(pid);
}

static void *spin(void *argument) {
  volatile unsigned long turns = 0;
  for (;;) turns++;
  return argument;
}
static void *wait_forever(void *argument) {
  for (;;) pause();
  return argument;
}
CASE(exit_ends_all) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    pthread_t thread;
    MUST(-pthread_create(&thread, NULL, spin, NULL));
    MUST(-pthread_create(&thread, NULL, wait_forever, NULL));
    exit(6);
  }
  reap(pid);
  pid = (pid_t)MUST(fork());
  if (pid == 0) {
    pthread_t thread;
    MUST(-pthread_create(&thread, NULL, spin, NULL));
    pthread_join(thread, NULL);
  }
  MUST(kill(pid, SIGTERM));
  reap(pid);
}

static void *fork_here(void *argument) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    // Of all threads only this one is in the child.
    printf("child: tid is pid %d\n", (pid_t)syscall(SYS_gettid) == getpid());
    _exit(local);
  }
  reap(pid);
  return argument;
}
CASE(fork_from_a_thread) {
  pthread_t thread, other;
  MUST(-pthread_create(&other, NULL, wait_forever, NULL));
  local = 9;
  MUST(-pthread_create(&thread, NULL, fork_here, NULL));
  MUST(-pthread_join(thread, NULL));
}

PROGRAM(eight) {
  _exit(8);
}
static void *exec_here(void *argument) {
  execl(self, self, "eight", (char *)0);
  return argument;
}
CASE(exec_from_a_thread) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    pthread_t thread;
    MUST(-pthread_create(&thread, NULL, wait_forever, NULL));
    MUST(-pthread_create(&thread, NULL, exec_here, NULL));
    for (;;) pause();
  }
  reap(pid);
}

// Cancellation, cleanup handlers, and signals to threads.
#include <pthread.h>
#include <semaphore.h>
#include "../../harness.h"

static sem_t ready;
static int ends[2];
static void say(void *text) {
  printf("cleanup: %s\n", (const char *)text);
}
static void cancel(void *(*body)(void *)) {
  pthread_t thread;
  void *result;
  sem_init(&ready, 0, 0);
  MUST(-pthread_create(&thread, NULL, body, NULL));
  sem_wait(&ready);
  sleep_ms(5);
  int error = pthread_cancel(thread);
  MUST(-pthread_join(thread, &result));
  STR(errname(error));
  NUM(result == PTHREAD_CANCELED);
}

static void *in_read(void *argument) {
  char byte;
  pthread_cleanup_push(say, "outer");
  pthread_cleanup_push(say, "inner");
  sem_post(&ready);
  read(ends[0], &byte, 1);
  printf("not reached\n");
  pthread_cleanup_pop(0);
  pthread_cleanup_pop(0);
  return argument;
}
CASE(blocked_in_read) {
  MUST(pipe(ends));
  cancel(in_read);
}

static void *in_sleep(void *argument) {
  sem_post(&ready);
  sleep(30);
  return argument;
}
static void *in_pause(void *argument) {
  sem_post(&ready);
  pause();
  return argument;
}
static void *in_poll(void *argument) {
  sem_post(&ready);
  poll(NULL, 0, -1);
  return argument;
}
CASE(blocked_in_other_calls) {
  cancel(in_sleep);
  cancel(in_pause);
  cancel(in_poll);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static void unlock(void *argument) {
  printf("unlock: %s\n", errname(pthread_mutex_unlock(argument)));
}
static void *in_condition(void *argument) {
  pthread_mutex_lock(&mutex);
  pthread_cleanup_push(unlock, &mutex);
  sem_post(&ready);
  for (;;) pthread_cond_wait(&condition, &mutex);
  pthread_cleanup_pop(0);
  return argument;
}
// The mutex is held again when the cleanup handler runs.
CASE(blocked_in_condition) {
  cancel(in_condition);
  ERR(pthread_mutex_trylock(&mutex));
}

static void *in_join(void *argument) {
  pthread_t other;
  MUST(-pthread_create(&other, NULL, in_pause, NULL));
  sem_post(&ready);
  pthread_join(other, NULL);
  return argument;
}
CASE(blocked_in_join) {
  cancel(in_join);
}

static void *with_disabled(void *argument) {
  int old;
  ERR(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old));
  NUM(old == PTHREAD_CANCEL_ENABLE);
  sem_post(&ready);
  sleep_ms(30);
  pthread_testcancel();
  printf("still here\n");
  pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
  pthread_testcancel();
  printf("not reached\n");
  return argument;
}
CASE(disabled) {
  cancel(with_disabled);
}

static volatile int turns;
static void *spins(void *argument) {
  pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
  sem_post(&ready);
  for (;;) turns++;
  return argument;
}
CASE(asynchronous) {
  cancel(spins);
}

static void *pops(void *argument) {
  pthread_cleanup_push(say, "executed");
  pthread_cleanup_pop(1);
  pthread_cleanup_push(say, "not executed");
  pthread_cleanup_pop(0);
  pthread_cleanup_push(say, "by pthread_exit");
  pthread_exit(argument);
  pthread_cleanup_pop(0);
  return NULL;
}
CASE(cleanup_order) {
  pthread_t thread;
  void *result;
  MUST(-pthread_create(&thread, NULL, pops, (void *)3));
  MUST(-pthread_join(thread, &result));
  NUM((long)(intptr_t)result);
}

static pthread_t got_it;
static volatile int calls;
static void note(int number) {
  (void)number;
  got_it = pthread_self();
  calls++;
}
static void *wait_for_stop(void *argument) {
  sem_post(&ready);
  read(ends[0], &(char){0}, 1);
  return (void *)(intptr_t)errno;
}
CASE(kill_a_thread) {
  MUST(pipe(ends));
  sem_init(&ready, 0, 0);
  on_signal(SIGUSR1, note, 0);
  pthread_t thread;
  void *result;
  MUST(-pthread_create(&thread, NULL, wait_for_stop, NULL));
  sem_wait(&ready);
  sleep_ms(5);
  ERR(pthread_kill(thread, SIGUSR1));
  MUST(-pthread_join(thread, &result));
  STR(errname((int)(intptr_t)result));
  NUM(pthread_equal(got_it, thread) != 0);
  ERR(pthread_kill(pthread_self(), SIGUSR1));
  NUM(pthread_equal(got_it, pthread_self()) != 0);
  ERR(pthread_kill(pthread_self(), 0));
  ERR(pthread_kill(pthread_self(), 77));
}

// Each thread has its own mask; a signal to the process goes to one that does not block it.
static void *unblocked(void *argument) {
  sigset_t set, now;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  pthread_sigmask(SIG_SETMASK, NULL, &now);
  printf("inherited: blocked %d\n", sigismember(&now, SIGUSR1));
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  sem_post(&ready);
  while (!calls) sleep_ms(1);
  return argument;
}
CASE(process_signal_finds_a_thread) {
  sem_init(&ready, 0, 0);
  on_signal(SIGUSR1, note, 0);
  sigset_t set, now;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  pthread_t thread;
  MUST(-pthread_create(&thread, NULL, unblocked, NULL));
  sem_wait(&ready);
  kill(getpid(), SIGUSR1);
  MUST(-pthread_join(thread, NULL));
  NUM(pthread_equal(got_it, thread) != 0);
  pthread_sigmask(SIG_SETMASK, NULL, &now);
  NUM(sigismember(&now, SIGUSR1));
}

static void *waits_for_signal(void *argument) {
  int number;
  sem_post(&ready);
  MUST(-sigwait(argument, &number));
  return (void *)(intptr_t)number;
}
CASE(signal_thread) {
  sem_init(&ready, 0, 0);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  pthread_t thread;
  void *result;
  MUST(-pthread_create(&thread, NULL, waits_for_signal, &set));
  sem_wait(&ready);
  kill(getpid(), SIGTERM);
  MUST(-pthread_join(thread, &result));
  STR(signame((int)(intptr_t)result));
}

// A fatal signal to one thread ends the whole process.
static void *pauses(void *argument) {
  for (;;) pause();
  return argument;
}
CASE(fatal_for_all) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    pthread_t thread;
    MUST(-pthread_create(&thread, NULL, pauses, NULL));
    pthread_kill(thread, SIGHUP);
    for (;;) pause();
  }
  reap(pid);
}

static void parent_before(void) {
  printf("prepare\n");
}
static void parent_after(void) {
  printf("parent\n");
}
static void child_after(void) {
  hear(ends[0]);
  printf("child\n");
}
CASE(at_fork) {
  ERR(pthread_atfork(parent_before, parent_after, child_after));
  MUST(pipe(ends));
  pid_t pid = fork();
  if (pid == 0) _exit(0);
  tell(ends[1]);
  reap(pid);
}

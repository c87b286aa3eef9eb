// Mutexes of each kind, condition variables, read-write locks, barriers, semaphores, spin locks.
#include <pthread.h>
#include <semaphore.h>
#include "../../harness.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int counter;

static void in_thread(void *(*body)(void *), void *argument) {
  pthread_t thread;
  MUST(-pthread_create(&thread, NULL, body, argument));
  MUST(-pthread_join(thread, NULL));
}
static struct timespec in_ms(clockid_t id, long ms) {
  struct timespec t;
  clock_gettime(id, &t);
  t.tv_nsec += ms * 1000000;
  t.tv_sec += t.tv_nsec / 1000000000;
  t.tv_nsec %= 1000000000;
  return t;
}

static void *increment(void *argument) {
  for (int i = 0; i < 2000; i++) {
    pthread_mutex_lock(&mutex);
    int seen = counter;
    if (i % 100 == 0) sched_yield();
    counter = seen + 1;
    pthread_mutex_unlock(&mutex);
  }
  return argument;
}
CASE(eight_threads) {
  pthread_t threads[8];
  for (int i = 0; i < 8; i++) MUST(-pthread_create(&threads[i], NULL, increment, NULL));
  for (int i = 0; i < 8; i++) MUST(-pthread_join(threads[i], NULL));
  NUM(counter);
}

static void *try_lock(void *argument) {
  ERR(pthread_mutex_trylock(argument));
  struct timespec soon = in_ms(CLOCK_REALTIME, 10);
  ERR(pthread_mutex_timedlock(argument, &soon));
  return NULL;
}
CASE(kinds) {
  static const struct name kinds[] = {N(PTHREAD_MUTEX_NORMAL), N(PTHREAD_MUTEX_RECURSIVE), N(PTHREAD_MUTEX_ERRORCHECK)};
  for (size_t i = 0; i < COUNT(kinds); i++) {
    pthread_mutex_t one;
    pthread_mutexattr_t attributes;
    STR(kinds[i].text);
    pthread_mutexattr_init(&attributes);
    ERR(pthread_mutexattr_settype(&attributes, kinds[i].number));
    ERR(pthread_mutex_init(&one, &attributes));
    ERR(pthread_mutex_lock(&one));
    ERR(pthread_mutex_trylock(&one));
    if (kinds[i].number != PTHREAD_MUTEX_NORMAL) ERR(pthread_mutex_lock(&one));
    in_thread(try_lock, &one);
    ERR(pthread_mutex_unlock(&one));
    if (kinds[i].number == PTHREAD_MUTEX_RECURSIVE) {
      ERR(pthread_mutex_unlock(&one));
      ERR(pthread_mutex_unlock(&one));
    }
    if (kinds[i].number == PTHREAD_MUTEX_ERRORCHECK) ERR(pthread_mutex_unlock(&one));
  }
}

static void *die_with_it(void *argument) {
  pthread_mutex_lock(argument);
  return NULL;
}
CASE(robust) {
  pthread_mutex_t one;
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  ERR(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST));
  ERR(pthread_mutex_init(&one, &attributes));
  in_thread(die_with_it, &one);
  ERR(pthread_mutex_lock(&one));
  ERR(pthread_mutex_consistent(&one));
  ERR(pthread_mutex_unlock(&one));
  in_thread(die_with_it, &one);
  ERR(pthread_mutex_lock(&one));
  ERR(pthread_mutex_unlock(&one));
  ERR(pthread_mutex_lock(&one));
}

static int queue[4], queued, taken_sum;
static void *produce(void *argument) {
  for (int i = 1; i <= 100; i++) {
    pthread_mutex_lock(&mutex);
    while (queued == 4) pthread_cond_wait(&condition, &mutex);
    queue[queued++] = i;
    pthread_cond_broadcast(&condition);
    pthread_mutex_unlock(&mutex);
  }
  return argument;
}
static void *consume(void *argument) {
  for (int i = 1; i <= 100; i++) {
    pthread_mutex_lock(&mutex);
    while (queued == 0) pthread_cond_wait(&condition, &mutex);
    taken_sum += queue[--queued];
    pthread_cond_broadcast(&condition);
    pthread_mutex_unlock(&mutex);
  }
  return argument;
}
CASE(producer_and_consumer) {
  pthread_t threads[4];
  for (int i = 0; i < 4; i++) MUST(-pthread_create(&threads[i], NULL, i % 2 ? produce : consume, NULL));
  for (int i = 0; i < 4; i++) MUST(-pthread_join(threads[i], NULL));
  NUM(taken_sum);
  NUM(queued);
}

static int waiting, woken;
static void *wait_once(void *argument) {
  pthread_mutex_lock(&mutex);
  waiting++;
  pthread_cond_wait(&condition, &mutex);
  woken++;
  pthread_mutex_unlock(&mutex);
  return argument;
}
static int locked(int *value) {
  pthread_mutex_lock(&mutex);
  int seen = *value;
  pthread_mutex_unlock(&mutex);
  return seen;
}
CASE(signal_and_broadcast) {
  pthread_t threads[5];
  for (int i = 0; i < 5; i++) MUST(-pthread_create(&threads[i], NULL, wait_once, NULL));
  while (locked(&waiting) < 5) sleep_ms(1);
  pthread_cond_signal(&condition);
  while (locked(&woken) < 1) sleep_ms(1);
  sleep_ms(10);
  NUM(locked(&woken));
  pthread_cond_broadcast(&condition);
  for (int i = 0; i < 5; i++) MUST(-pthread_join(threads[i], NULL));
  NUM(woken);
}

CASE(timed_wait) {
  pthread_cond_t other;
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  ERR(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC));
  pthread_cond_init(&other, &attributes);
  pthread_mutex_lock(&mutex);
  struct timespec soon = in_ms(CLOCK_REALTIME, 20);
  long before = now_ms();
  ERR(pthread_cond_timedwait(&condition, &mutex, &soon));
  NUM(now_ms() - before >= 19);
  soon = in_ms(CLOCK_MONOTONIC, 20);
  before = now_ms();
  ERR(pthread_cond_timedwait(&other, &mutex, &soon));
  NUM(now_ms() - before >= 19);
  ERR(pthread_cond_timedwait(&condition, &mutex, &(struct timespec){1, 0}));
  // The mutex is held again.
  in_thread(try_lock, &mutex);
  pthread_mutex_unlock(&mutex);
}

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static void *try_rwlock(void *argument) {
  int error = pthread_rwlock_tryrdlock(&rwlock);
  STR(errname(error));
  if (!error) pthread_rwlock_unlock(&rwlock);
  error = pthread_rwlock_trywrlock(&rwlock);
  STR(errname(error));
  if (!error) pthread_rwlock_unlock(&rwlock);
  return argument;
}
CASE(read_write_lock) {
  in_thread(try_rwlock, NULL);
  ERR(pthread_rwlock_rdlock(&rwlock));
  in_thread(try_rwlock, NULL);
  ERR(pthread_rwlock_unlock(&rwlock));
  ERR(pthread_rwlock_wrlock(&rwlock));
  in_thread(try_rwlock, NULL);
  ERR(pthread_rwlock_unlock(&rwlock));
}

static void *read_or_write(void *argument) {
  for (int i = 0; i < 200; i++) {
    if (argument) {
      pthread_rwlock_wrlock(&rwlock);
      counter++;
      if (i % 10 == 0) sched_yield();
      counter++;
    } else {
      pthread_rwlock_rdlock(&rwlock);
      if (counter % 2) waiting++;
    }
    pthread_rwlock_unlock(&rwlock);
  }
  return NULL;
}
CASE(readers_and_writers) {
  pthread_t threads[6];
  for (int i = 0; i < 6; i++) MUST(-pthread_create(&threads[i], NULL, read_or_write, i < 2 ? &counter : NULL));
  for (int i = 0; i < 6; i++) MUST(-pthread_join(threads[i], NULL));
  printf("%d, seen half-way %d\n", counter, waiting);
}

static pthread_barrier_t barrier;
static int before_barrier, serial, wrong;
static void *meet(void *argument) {
  for (int round = 1; round <= 10; round++) {
    __atomic_add_fetch(&before_barrier, 1, __ATOMIC_SEQ_CST);
    if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD) __atomic_add_fetch(&serial, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&before_barrier, __ATOMIC_SEQ_CST) < round * 4) wrong++;
    pthread_barrier_wait(&barrier);
  }
  return argument;
}
CASE(barriers) {
  pthread_t threads[4];
  ERR(pthread_barrier_init(&barrier, NULL, 4));
  for (int i = 0; i < 4; i++) MUST(-pthread_create(&threads[i], NULL, meet, NULL));
  for (int i = 0; i < 4; i++) MUST(-pthread_join(threads[i], NULL));
  printf("serial %d, wrong %d\n", serial, wrong);
  ERR(pthread_barrier_destroy(&barrier));
  ERR(pthread_barrier_init(&barrier, NULL, 0));
}

static sem_t semaphore;
static void *post_later(void *argument) {
  sleep_ms(10);
  sem_post(&semaphore);
  return argument;
}
CASE(semaphores) {
  int value;
  SHOW(sem_init(&semaphore, 0, 2));
  SHOW(sem_wait(&semaphore));
  SHOW(sem_trywait(&semaphore));
  SHOW(sem_trywait(&semaphore));
  struct timespec soon = in_ms(CLOCK_REALTIME, 20);
  SHOW(sem_timedwait(&semaphore, &soon));
  SHOW(sem_post(&semaphore));
  SHOW(sem_getvalue(&semaphore, &value));
  NUM(value);
  SHOW(sem_wait(&semaphore));
  pthread_t thread;
  MUST(-pthread_create(&thread, NULL, post_later, NULL));
  SHOW(sem_wait(&semaphore));
  MUST(-pthread_join(thread, NULL));
  SHOW(sem_destroy(&semaphore));
}

static pthread_spinlock_t spin;
static void *spin_increment(void *argument) {
  for (int i = 0; i < 1000; i++) {
    pthread_spin_lock(&spin);
    counter++;
    pthread_spin_unlock(&spin);
  }
  return argument;
}
CASE(spin_locks) {
  pthread_t threads[4];
  ERR(pthread_spin_init(&spin, 0));
  for (int i = 0; i < 4; i++) MUST(-pthread_create(&threads[i], NULL, spin_increment, NULL));
  for (int i = 0; i < 4; i++) MUST(-pthread_join(threads[i], NULL));
  NUM(counter);
  ERR(pthread_spin_lock(&spin));
  ERR(pthread_spin_trylock(&spin));
}

static int token;
static void *take_turns(void *argument) {
  int mine = (int)(intptr_t)argument;
  for (int i = 0; i < 25; i++) {
    pthread_mutex_lock(&mutex);
    while (token % 4 != mine) pthread_cond_wait(&condition, &mutex);
    token++;
    pthread_cond_broadcast(&condition);
    pthread_mutex_unlock(&mutex);
  }
  return NULL;
}
CASE(ring_of_threads) {
  pthread_t threads[4];
  for (intptr_t i = 0; i < 4; i++) MUST(-pthread_create(&threads[i], NULL, take_turns, (void *)i));
  for (int i = 0; i < 4; i++) MUST(-pthread_join(threads[i], NULL));
  NUM(token);
}

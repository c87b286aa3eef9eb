// Random mixes of what the benchmark measures, in many processes at once, each checked against a model while it runs:
//   stress SEED WORKERS STEPS
// What it prints depends on the arguments alone, so that Linux is the oracle for the whole of it, and each operation checks itself:
// bytes against the generator that made them, counts against what was sent, descriptors against those that were open before.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *self;
static const char *doing = "starting";
static unsigned step_number;

static void fail(const char *what, long found, long wanted) {
  fprintf(stderr, "stress[%d]: step %u, %s: %s: %ld instead of %ld (errno: %s)\n", (int)getpid(), step_number, doing, what,
          found, wanted, strerror(errno));
  exit(99);
}

#define EXPECT(expression, wanted)                            \
  do {                                                        \
    long found_ = (long)(expression), wanted_ = (long)(wanted); \
    if (found_ != wanted_) fail(#expression, found_, wanted_); \
  } while (0)

static long must(long result, const char *call) {
  if (result < 0) fail(call, result, 0);
  return result;
}
#define MUST(call) must((long)(call), #call)

// ---------------------------------------------------------------- numbers: splitmix64 (Steele, Lea and Flood, 2014)

typedef struct {
  uint64_t state;
} Random;

static uint64_t next(Random *r) {
  uint64_t z = r->state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}
/** From 0 to bound - 1. */
static unsigned below(Random *r, unsigned bound) {
  return (unsigned)(next(r) % bound);
}
static unsigned between(Random *r, unsigned low, unsigned high) {
  return low + below(r, high - low + 1);
}
/** The byte at a position of the stream that `key` stands for. */
static unsigned char byte_at(uint64_t key, uint64_t position) {
  Random r = {key + (position >> 3) * 0x9e3779b97f4a7c15u};
  return (unsigned char)(next(&r) >> (8 * (position & 7)));
}
static void generate(unsigned char *to, uint64_t key, uint64_t position, size_t count) {
  for (size_t i = 0; i < count; i++) to[i] = byte_at(key, position + i);
}
static void verify(const unsigned char *bytes, uint64_t key, uint64_t position, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (bytes[i] != byte_at(key, position + i)) fail("a byte of the stream", bytes[i], byte_at(key, position + i));
}

// ---------------------------------------------------------------- help

static int exit_of(pid_t pid) {
  int status;
  pid_t got;
  do got = waitpid(pid, &status, 0);
  while (got < 0 && errno == EINTR);
  EXPECT(got, pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}
static void write_all(int fd, const void *bytes, size_t count) {
  for (size_t done = 0; done < count;) {
    ssize_t part = write(fd, (const char *)bytes + done, count - done);
    if (part < 0 && errno == EINTR) continue;
    MUST(part);
    done += (size_t)part;
  }
}
static void read_all(int fd, void *bytes, size_t count) {
  for (size_t done = 0; done < count;) {
    ssize_t part = read(fd, (char *)bytes + done, count - done);
    if (part < 0 && errno == EINTR) continue;
    if (MUST(part) == 0) fail("end of file after", (long)done, (long)count);
    done += (size_t)part;
  }
}
static pid_t fork_now(void) {
  fflush(NULL);
  return (pid_t)MUST(fork());
}
static void nap(Random *r) {
  struct timespec pause = {0, (long)below(r, 300) * 1000};
  nanosleep(&pause, NULL);
}

// ---------------------------------------------------------------- operations: each gives a number that the seed determines

/** A child streams bytes through a pipe in pieces of its own choice. */
static uint64_t op_stream(Random *r) {
  uint64_t key = next(r);
  size_t total = between(r, 1, 1 << between(r, 4, 18));
  int p[2];
  MUST(pipe(p));
  pid_t pid = fork_now();
  static unsigned char buffer[1 << 16];
  if (pid == 0) {
    Random own = {key ^ 1};
    close(p[0]);
    for (size_t done = 0; done < total;) {
      size_t part = between(&own, 1, 1 << between(&own, 0, 16));
      if (part > total - done) part = total - done;
      generate(buffer, key, done, part);
      write_all(p[1], buffer, part);
      done += part;
      if (below(&own, 16) == 0) nap(&own);
    }
    _exit(7);
  }
  close(p[1]);
  size_t done = 0;
  for (;;) {
    ssize_t part = read(p[0], buffer, between(r, 1, sizeof buffer));
    if (MUST(part) == 0) break;
    verify(buffer, key, done, (size_t)part);
    done += (size_t)part;
  }
  EXPECT(done, total);
  close(p[0]);
  EXPECT(exit_of(pid), 7);
  return total;
}

/** A token goes round a ring of processes; each adds its number. */
static uint64_t op_ring(Random *r) {
  enum { MOST = 12 };
  int count = (int)between(r, 2, MOST), rounds = (int)between(r, 1, 40);
  int ring[MOST + 1][2];
  pid_t pids[MOST];
  for (int i = 0; i <= count; i++) MUST(pipe(ring[i]));
  for (int i = 0; i < count; i++) {
    pids[i] = fork_now();
    if (pids[i] != 0) continue;
    for (int j = 0; j <= count; j++) {
      if (j != i) close(ring[j][0]);
      if (j != i + 1) close(ring[j][1]);
    }
    uint64_t token;
    ssize_t part;
    while ((part = read(ring[i][0], &token, sizeof token)) == sizeof token) {
      token += (uint64_t)i + 1;
      write_all(ring[i + 1][1], &token, sizeof token);
    }
    _exit((int)part);
  }
  for (int i = 1; i <= count; i++) close(ring[i][1]);
  for (int i = 0; i < count; i++) close(ring[i][0]);
  uint64_t token = below(r, 1000), first = token;
  for (int i = 0; i < rounds; i++) {
    write_all(ring[0][1], &token, sizeof token);
    read_all(ring[count][0], &token, sizeof token);
  }
  close(ring[0][1]);
  close(ring[count][0]);
  for (int i = 0; i < count; i++) EXPECT(exit_of(pids[i]), 0);
  EXPECT(token, first + (uint64_t)rounds * (uint64_t)(count * (count + 1) / 2));
  return token;
}

/** Processes that fork processes; each gives the number of those below it. */
static int tree(Random *r, int depth) {
  int sum = 1, children = depth > 0 ? (int)below(r, 4) : 0;
  pid_t pids[4];
  uint64_t keys[4];
  for (int i = 0; i < children; i++) keys[i] = next(r);
  for (int i = 0; i < children; i++) {
    pids[i] = fork_now();
    if (pids[i] == 0) {
      Random own = {keys[i]};
      _exit(tree(&own, depth - 1));
    }
  }
  for (int i = 0; i < children; i++) sum += exit_of(pids[i]);
  return sum;
}
static uint64_t op_tree(Random *r) {
  return (uint64_t)tree(r, (int)between(r, 1, 4));
}

/** exec of this program by fork, by vfork and in a row; the last one answers by a pipe. */
static uint64_t op_exec(Random *r) {
  int p[2];
  MUST(pipe(p));
  char hops[16], value[24], fd[16];
  unsigned hop = below(r, 3);
  uint64_t key = next(r) >> 8;
  snprintf(hops, sizeof hops, "%u", hop);
  snprintf(value, sizeof value, "%llu", (unsigned long long)key);
  snprintf(fd, sizeof fd, "%d", p[1]);
  pid_t pid;
  if (below(r, 2)) {
    pid = fork_now();
  } else {
    fflush(NULL);
    pid = (pid_t)MUST(vfork());
  }
  if (pid == 0) {
    execl(self, self, "hop", hops, value, fd, (char *)NULL);
    _exit(126);
  }
  close(p[1]);
  uint64_t answer;
  read_all(p[0], &answer, sizeof answer);
  EXPECT(answer, key + hop + 1);
  EXPECT(read(p[0], &answer, 1), 0);
  close(p[0]);
  EXPECT(exit_of(pid), (int)(key % 100));
  return answer;
}
static int hop(char **argv) {
  unsigned hops = (unsigned)atoi(argv[2]);
  uint64_t value = strtoull(argv[3], NULL, 10);
  if (hops > 0) {
    char fewer[16];
    snprintf(fewer, sizeof fewer, "%u", hops - 1);
    char more[24];
    snprintf(more, sizeof more, "%llu", (unsigned long long)value);
    char added[24];
    snprintf(added, sizeof added, "%u", argv[5] ? (unsigned)atoi(argv[5]) + 1 : 1);
    execl(self, self, "hop", fewer, more, argv[4], added, (char *)NULL);
    return 126;
  }
  uint64_t answer = value + 1 + (argv[5] ? (unsigned)atoi(argv[5]) : 0);
  write_all(atoi(argv[4]), &answer, sizeof answer);
  return (int)(value % 100);
}

/** A pipeline of filters, each this program exec'd again: a byte goes through all of them changed by each. */
static uint64_t op_pipeline(Random *r) {
  int stages = (int)between(r, 1, 5), from, feed[2];
  uint64_t key = next(r);
  size_t total = between(r, 1, 40000);
  pid_t pids[6];
  MUST(pipe(feed));
  pid_t writer = fork_now();
  if (writer == 0) {
    close(feed[0]);
    unsigned char buffer[4096];
    for (size_t done = 0; done < total; done += sizeof buffer) {
      size_t part = total - done < sizeof buffer ? total - done : sizeof buffer;
      generate(buffer, key, done, part);
      write_all(feed[1], buffer, part);
    }
    _exit(0);
  }
  close(feed[1]);
  from = feed[0];
  for (int i = 0; i < stages; i++) {
    int p[2];
    MUST(pipe(p));
    pids[i] = fork_now();
    if (pids[i] == 0) {
      dup2(from, 0);
      dup2(p[1], 1);
      close(from);
      close(p[0]);
      close(p[1]);
      execl(self, self, "add", "3", (char *)NULL);
      _exit(126);
    }
    close(from);
    close(p[1]);
    from = p[0];
  }
  unsigned char buffer[3000];
  size_t done = 0;
  ssize_t part;
  while ((part = MUST(read(from, buffer, sizeof buffer))) > 0) {
    for (ssize_t i = 0; i < part; i++) buffer[i] = (unsigned char)(buffer[i] - 3 * stages);
    verify(buffer, key, done, (size_t)part);
    done += (size_t)part;
  }
  EXPECT(done, total);
  close(from);
  EXPECT(exit_of(writer), 0);
  for (int i = 0; i < stages; i++) EXPECT(exit_of(pids[i]), 0);
  return total;
}
static int add(int amount) {
  static unsigned char buffer[5000];
  ssize_t part;
  while ((part = read(0, buffer, sizeof buffer)) > 0) {
    for (ssize_t i = 0; i < part; i++) buffer[i] = (unsigned char)(buffer[i] + amount);
    write_all(1, buffer, (size_t)part);
  }
  return part < 0;
}

/** Threads that hand a turn round by mutex and condition variable, each with its own thread-local state. */
typedef struct {
  pthread_mutex_t lock;
  pthread_cond_t turned;
  int turn, threads, rounds;
  uint64_t sum;
} Turns;
typedef struct {
  Turns *turns;
  int index;
} Player;
static __thread uint64_t mine;

static void *play(void *argument) {
  Player *player = argument;
  Turns *t = player->turns;
  for (int i = 0; i < t->rounds; i++) {
    pthread_mutex_lock(&t->lock);
    while (t->turn != player->index) pthread_cond_wait(&t->turned, &t->lock);
    mine += (uint64_t)player->index + 1;
    t->sum = t->sum * 31 + mine;
    t->turn = (t->turn + 1) % t->threads;
    pthread_cond_broadcast(&t->turned);
    pthread_mutex_unlock(&t->lock);
  }
  return (void *)(uintptr_t)mine;
}
static uint64_t op_threads(Random *r) {
  enum { MOST = 8 };
  Turns turns = {.turn = 0, .threads = (int)between(r, 1, MOST), .rounds = (int)between(r, 1, 60)};
  pthread_mutex_init(&turns.lock, NULL);
  pthread_cond_init(&turns.turned, NULL);
  pthread_t threads[MOST];
  Player players[MOST];
  uint64_t before = mine;
  for (int i = 0; i < turns.threads; i++) {
    players[i] = (Player){&turns, i};
    EXPECT(pthread_create(&threads[i], NULL, play, &players[i]), 0);
  }
  for (int i = 0; i < turns.threads; i++) {
    void *result;
    EXPECT(pthread_join(threads[i], &result), 0);
    EXPECT((uintptr_t)result, (uintptr_t)turns.rounds * (uintptr_t)(i + 1));
  }
  EXPECT(mine, before);
  pthread_cond_destroy(&turns.turned);
  pthread_mutex_destroy(&turns.lock);
  return turns.sum;
}

/** A thread forks while others run; the child has only the one. */
static void *forking(void *argument) {
  int wanted = *(int *)argument;
  pid_t pid = fork_now();
  if (pid == 0) _exit(wanted);
  return (void *)(uintptr_t)(exit_of(pid) == wanted);
}
static uint64_t op_thread_forks(Random *r) {
  int count = (int)between(r, 1, 4), wanted[4];
  pthread_t threads[4];
  for (int i = 0; i < count; i++) {
    wanted[i] = (int)below(r, 200);
    EXPECT(pthread_create(&threads[i], NULL, forking, &wanted[i]), 0);
  }
  for (int i = 0; i < count; i++) {
    void *right;
    EXPECT(pthread_join(threads[i], &right), 0);
    EXPECT((uintptr_t)right, 1);
  }
  return (uint64_t)count;
}

/** Queued real-time signals: none is lost, and those of one number come in order. */
static volatile sig_atomic_t signals_seen, signals_wrong;
static void on_queued(int signo, siginfo_t *info, void *context) {
  (void)signo;
  (void)context;
  if (info->si_value.sival_int != signals_seen) signals_wrong = 1;
  signals_seen = signals_seen + 1;
}
static uint64_t op_signals(Random *r) {
  int count = (int)between(r, 1, 60);
  struct sigaction action = {.sa_sigaction = on_queued, .sa_flags = SA_SIGINFO | SA_RESTART}, old;
  sigemptyset(&action.sa_mask);
  signals_seen = signals_wrong = 0;
  MUST(sigaction(SIGRTMIN, &action, &old));
  pid_t parent = getpid(), pid = fork_now();
  if (pid == 0) {
    Random own = {(uint64_t)count};
    for (int i = 0; i < count; i++) {
      if (sigqueue(parent, SIGRTMIN, (union sigval){.sival_int = i}) < 0) _exit(1);
      if (below(&own, 8) == 0) nap(&own);
    }
    _exit(0);
  }
  EXPECT(exit_of(pid), 0);
  EXPECT(signals_seen, count);
  EXPECT(signals_wrong, 0);
  MUST(sigaction(SIGRTMIN, &old, NULL));
  return (uint64_t)count;
}

/** Signals to oneself, between calls, with a mask that holds them back for a while. */
static volatile sig_atomic_t selfs;
static void on_self(int signo) {
  (void)signo;
  selfs = selfs + 1;
}
static uint64_t op_self_signals(Random *r) {
  int count = (int)between(r, 1, 50), wanted = 0;
  struct sigaction action = {.sa_handler = on_self}, old;
  sigset_t one, before;
  sigemptyset(&action.sa_mask);
  MUST(sigaction(SIGUSR1, &action, &old));
  sigemptyset(&one);
  sigaddset(&one, SIGUSR1);
  selfs = 0;
  for (int i = 0; i < count; i++) {
    if (below(r, 3) == 0) {
      sigprocmask(SIG_BLOCK, &one, &before);
      kill(getpid(), SIGUSR1);
      kill(getpid(), SIGUSR1);
      EXPECT(selfs, wanted);
      sigprocmask(SIG_SETMASK, &before, NULL);
    } else raise(SIGUSR1);
    EXPECT(selfs, ++wanted);
  }
  MUST(sigaction(SIGUSR1, &old, NULL));
  return (uint64_t)count;
}

/** Children that wait in all sorts of calls are killed. */
static uint64_t op_kill(Random *r) {
  int count = (int)between(r, 1, 6), p[2];
  pid_t pids[6];
  MUST(pipe(p));
  for (int i = 0; i < count; i++) {
    unsigned how = below(r, 6);
    pids[i] = fork_now();
    if (pids[i] != 0) continue;
    char byte;
    switch (how) {
      case 0: read(p[0], &byte, 1); break;
      case 1: pause(); break;
      case 2: poll(NULL, 0, -1); break;
      case 3: epoll_wait(epoll_create1(0), &(struct epoll_event){0}, 1, -1); break;
      case 4: for (volatile unsigned n = 0;; n++) continue;
      default: sleep(1000);
    }
    _exit(1);
  }
  for (int i = 0; i < count; i++) {
    if (below(r, 2)) nap(r);
    MUST(kill(pids[i], i & 1 ? SIGKILL : SIGTERM));
  }
  for (int i = 0; i < count; i++) EXPECT(exit_of(pids[i]), 1000 + (i & 1 ? SIGKILL : SIGTERM));
  close(p[0]);
  close(p[1]);
  return (uint64_t)count;
}

/** Children post to eventfds and pipes; one loop on epoll takes all that they send. */
static uint64_t op_epoll(Random *r) {
  enum { MOST = 10 };
  int count = (int)between(r, 1, MOST), open_count = count, fds[MOST], others[MOST];
  uint64_t wanted[MOST], sums[MOST] = {0}, total = 0;
  pid_t pids[MOST];
  int epoll = (int)MUST(epoll_create1(0));
  for (int i = 0; i < count; i++) {
    int piped = (int)below(r, 2), p[2];
    unsigned posts = between(r, 1, 30);
    uint64_t key = next(r);
    if (piped) MUST(pipe2(p, O_NONBLOCK));
    else p[0] = p[1] = (int)MUST(eventfd(0, EFD_NONBLOCK));
    Random own = {key};
    wanted[i] = 0;
    for (unsigned j = 0; j < posts; j++) wanted[i] += between(&own, 1, 100);
    fds[i] = p[0];
    others[i] = piped ? p[1] : -1;
    struct epoll_event event = {.events = EPOLLIN | (below(r, 2) ? EPOLLET : 0), .data.u32 = (uint32_t)i};
    MUST(epoll_ctl(epoll, EPOLL_CTL_ADD, p[0], &event));
    pids[i] = fork_now();
    if (pids[i] == 0) {
      Random mine_too = {key};
      for (unsigned j = 0; j < posts; j++) {
        uint64_t value = between(&mine_too, 1, 100);
        write_all(p[1], &value, sizeof value);
        if (j % 8 == 0) nap(&(Random){key + j});
      }
      _exit(0);
    }
  }
  while (open_count > 0) {
    struct epoll_event events[4];
    int ready = epoll_wait(epoll, events, 4, 20000);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) fail("epoll_wait: nothing for 20 s; open", open_count, 0);
    for (int e = 0; e < ready; e++) {
      int i = (int)events[e].data.u32;
      uint64_t value;
      while (read(fds[i], &value, sizeof value) == sizeof value) sums[i] += value;
      if (sums[i] == wanted[i]) {
        MUST(epoll_ctl(epoll, EPOLL_CTL_DEL, fds[i], NULL));
        open_count--;
        wanted[i] = 0;
        total += sums[i];
      }
    }
  }
  for (int i = 0; i < count; i++) {
    EXPECT(exit_of(pids[i]), 0);
    close(fds[i]);
    if (others[i] >= 0) close(others[i]);
  }
  close(epoll);
  return total;
}

/** Memory: blocks that come and go, against what was put into them, also across a fork. */
static uint64_t op_memory(Random *r) {
  enum { BLOCKS = 16 };
  struct {
    unsigned char *at;
    size_t size;
    uint64_t key;
    int mapped;
  } blocks[BLOCKS] = {0};
  uint64_t sum = 0;
  int steps = (int)between(r, 10, 60), fork_at = (int)below(r, 40);
  for (int i = 0; i < steps; i++) {
    int b = (int)below(r, BLOCKS);
    size_t size = between(r, 1, 1 << between(r, 3, 17));
    if (blocks[b].at) {
      verify(blocks[b].at, blocks[b].key, 0, blocks[b].size < 64 ? blocks[b].size : 64);
      verify(blocks[b].at + blocks[b].size - 1, blocks[b].key, blocks[b].size - 1, 1);
      sum += blocks[b].size;
      if (blocks[b].mapped) munmap(blocks[b].at, blocks[b].size);
      else free(blocks[b].at);
      blocks[b].at = NULL;
    } else {
      blocks[b].mapped = (int)below(r, 2);
      blocks[b].size = size;
      blocks[b].key = next(r);
      if (blocks[b].mapped) {
        blocks[b].at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (blocks[b].at == MAP_FAILED) fail("mmap", -1, 0);
        for (size_t at = 0; at < size; at += 509) EXPECT(blocks[b].at[at], 0);
      } else blocks[b].at = malloc(size);
      generate(blocks[b].at, blocks[b].key, 0, size < 64 ? size : 64);
      generate(blocks[b].at + size - 1, blocks[b].key, size - 1, 1);
    }
    if (i == fork_at) {
      pid_t pid = fork_now();
      if (pid == 0) {
        for (b = 0; b < BLOCKS; b++) {
          if (!blocks[b].at) continue;
          verify(blocks[b].at, blocks[b].key, 0, blocks[b].size < 64 ? blocks[b].size : 64);
          memset(blocks[b].at, 0xee, blocks[b].size);
        }
        _exit(11);
      }
      EXPECT(exit_of(pid), 11);
    }
  }
  for (int b = 0; b < BLOCKS; b++) {
    if (!blocks[b].at) continue;
    verify(blocks[b].at, blocks[b].key, 0, blocks[b].size < 64 ? blocks[b].size : 64);
    if (blocks[b].mapped) munmap(blocks[b].at, blocks[b].size);
    else free(blocks[b].at);
  }
  return sum;
}

/** A file and its model: writes, reads, truncation, append, rename, links. */
static uint64_t op_file(Random *r) {
  enum { ROOM = 60000 };
  static unsigned char model[ROOM], buffer[ROOM];
  char name[64], other[64];
  snprintf(name, sizeof name, "f%d", (int)getpid());
  snprintf(other, sizeof other, "g%d", (int)getpid());
  size_t size = 0;
  uint64_t sum = 0;
  memset(model, 0, sizeof model);
  int fd = (int)MUST(open(name, O_RDWR | O_CREAT | O_EXCL, 0600));
  int steps = (int)between(r, 5, 40);
  for (int i = 0; i < steps; i++) {
    size_t at = below(r, ROOM - 1), count = between(r, 1, 1 << between(r, 0, 13));
    if (at + count > ROOM) count = ROOM - at;
    struct stat status;
    switch (below(r, 8)) {
      case 0:
      case 1:
      case 2:
        generate(model + at, next(r), 0, count);
        EXPECT(pwrite(fd, model + at, count, (off_t)at), count);
        if (at + count > size) size = at + count;
        break;
      case 3:
      case 4: {
        size_t there = at >= size ? 0 : size - at < count ? size - at : count;
        EXPECT(pread(fd, buffer, count, (off_t)at), there);
        EXPECT(memcmp(buffer, model + at, there), 0);
        sum += there;
        break;
      }
      case 5:
        MUST(ftruncate(fd, (off_t)at));
        if (at < size) memset(model + at, 0, size - at);
        size = at;
        break;
      case 6:
        MUST(rename(name, other));
        EXPECT(stat(name, &status), -1);
        MUST(stat(other, &status));
        EXPECT(status.st_size, size);
        MUST(rename(other, name));
        break;
      default: {
        MUST(link(name, other));
        int again = (int)MUST(open(other, O_RDONLY));
        MUST(unlink(other));
        MUST(fstat(again, &status));
        EXPECT(status.st_nlink, 1);
        EXPECT(read(again, buffer, ROOM), size);
        EXPECT(memcmp(buffer, model, size), 0);
        close(again);
      }
    }
    MUST(stat(name, &status));
    EXPECT(status.st_size, size);
  }
  close(fd);
  MUST(unlink(name));
  EXPECT(access(name, F_OK), -1);
  return sum + size;
}

/** Many sleepers, one by one woken by poll on their pipes. */
static uint64_t op_crowd(Random *r) {
  enum { MOST = 40 };
  int count = (int)between(r, 2, MOST), go[2], done[2];
  pid_t pids[MOST];
  MUST(pipe(go));
  MUST(pipe(done));
  for (int i = 0; i < count; i++) {
    pids[i] = fork_now();
    if (pids[i] == 0) {
      char byte;
      read_all(go[0], &byte, 1);
      write_all(done[1], &byte, 1);
      _exit(byte);
    }
  }
  int sum = 0, statuses = 0;
  for (int i = 0; i < count; i++) {
    char byte = (char)between(r, 1, 100), back;
    write_all(go[1], &byte, 1);
    struct pollfd waiting = {.fd = done[0], .events = POLLIN};
    EXPECT(poll(&waiting, 1, 20000), 1);
    read_all(done[0], &back, 1);
    EXPECT(back, byte);
    sum += byte;
  }
  for (int i = 0; i < count; i++) statuses += exit_of(pids[i]);
  EXPECT(statuses, sum);
  for (int i = 0; i < 2; i++) {
    close(go[i]);
    close(done[i]);
  }
  return (uint64_t)sum;
}

/** Descriptors: copies of copies, close-on-exec, until all are closed again. */
static uint64_t op_descriptors(Random *r) {
  int p[2], copies[64], count = (int)between(r, 1, 64);
  MUST(pipe(p));
  for (int i = 0; i < count; i++) {
    int from = i > 0 && below(r, 2) ? copies[below(r, (unsigned)i)] : p[1];
    copies[i] = (int)MUST(below(r, 2) ? dup(from) : fcntl(from, F_DUPFD_CLOEXEC, 20));
  }
  for (int i = 0; i < count; i++) write_all(copies[i], &(char){(char)i}, 1);
  close(p[1]);
  for (int i = 0; i < count; i++) close(copies[i]);
  unsigned char bytes[65];
  EXPECT(read(p[0], bytes, sizeof bytes), count);
  EXPECT(read(p[0], bytes, 1), 0);
  close(p[0]);
  return (uint64_t)count;
}

static const struct {
  const char *name;
  uint64_t (*run)(Random *);
} OPERATIONS[] = {
    {"stream", op_stream},   {"ring", op_ring},           {"tree", op_tree},       {"exec", op_exec},
    {"pipeline", op_pipeline}, {"threads", op_threads},   {"thread forks", op_thread_forks}, {"signals", op_signals},
    {"self signals", op_self_signals}, {"kill", op_kill}, {"epoll", op_epoll},     {"memory", op_memory},
    {"file", op_file},       {"crowd", op_crowd},         {"descriptors", op_descriptors},
};

/** The lowest free descriptor: it is the same after each operation, unless one was leaked. */
static int lowest_free(void) {
  int fd = (int)MUST(dup(0));
  close(fd);
  return fd;
}

static void work(uint64_t key, unsigned steps, int answer) {
  Random r = {key};
  uint64_t sum = 0;
  int lowest = lowest_free();
  for (step_number = 0; step_number < steps; step_number++) {
    unsigned which = below(&r, sizeof OPERATIONS / sizeof *OPERATIONS);
    doing = OPERATIONS[which].name;
    Random own = {next(&r)};
    sum = sum * 1000003 + OPERATIONS[which].run(&own);
    EXPECT(lowest_free(), lowest);
    EXPECT(waitpid(-1, NULL, WNOHANG), -1);
  }
  write_all(answer, &sum, sizeof sum);
  exit(0);
}

int main(int argc, char **argv) {
  static char path[PATH_MAX];
  self = argv[0];
  if (argc > 2 && strcmp(argv[1], "hop") == 0) return hop(argv);
  if (argc > 2 && strcmp(argv[1], "add") == 0) return add(atoi(argv[2]));
  if (argc != 4 || !realpath(argv[0], path)) {
    fprintf(stderr, "usage: stress SEED WORKERS STEPS\n");
    return 2;
  }
  self = path;
  Random r = {strtoull(argv[1], NULL, 10)};
  int workers = atoi(argv[2]), failed = 0;
  unsigned steps = (unsigned)atoi(argv[3]);
  int(*answers)[2] = calloc((size_t)workers, sizeof *answers);
  pid_t *pids = calloc((size_t)workers, sizeof *pids);
  for (int i = 0; i < workers; i++) {
    uint64_t key = next(&r);
    MUST(pipe(answers[i]));
    pids[i] = fork_now();
    if (pids[i] == 0) {
      for (int j = 0; j <= i; j++) close(answers[j][0]);
      work(key, steps, answers[i][1]);
    }
    close(answers[i][1]);
  }
  for (int i = 0; i < workers; i++) {
    uint64_t sum = 0;
    ssize_t part = read(answers[i][0], &sum, sizeof sum);
    int code = exit_of(pids[i]);
    if (part == sizeof sum && code == 0) printf("worker %d: %016llx\n", i, (unsigned long long)sum);
    else {
      printf("worker %d: failed with %d\n", i, code);
      failed = 1;
    }
  }
  return failed;
}

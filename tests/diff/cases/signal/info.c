// siginfo_t as a handler with SA_SIGINFO gets it, for each kind of sender.
#include <ucontext.h>
#include "../../harness.h"

static siginfo_t got;
static volatile int calls;
static void take(int number, siginfo_t *info, void *context) {
  got = *info;
  calls++;
  if (info->si_signo != number || !context) printf("wrong arguments\n");
}
static void catch(int number) {
  struct sigaction action = {.sa_sigaction = take, .sa_flags = SA_SIGINFO};
  sigemptyset(&action.sa_mask);
  MUST(sigaction(number, &action, NULL));
}
static void print_sender(pid_t from) {
  static const struct name codes[] = {N(SI_USER), N(SI_KERNEL), N(SI_QUEUE), N(SI_TIMER), N(SI_TKILL)};
  printf("%s %s errno %d from %d uid %d\n", signame(got.si_signo), name_in(codes, COUNT(codes), got.si_code),
         got.si_errno, got.si_pid == from, got.si_uid == getuid());
}

CASE(by_kill) {
  catch(SIGUSR1);
  kill(getpid(), SIGUSR1);
  print_sender(getpid());
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) _exit(kill(getppid(), SIGUSR1));
  reap(pid);
  print_sender(pid);
}

CASE(by_raise) {
  catch(SIGUSR2);
  raise(SIGUSR2);
  print_sender(getpid());
  SHOW(SYS2(SYS_tkill, getpid(), SIGUSR2));
  print_sender(getpid());
  SHOW(SYS3(SYS_tgkill, getpid(), getpid(), SIGUSR2));
  print_sender(getpid());
  NUM(calls);
}

CASE(by_queue) {
  catch(SIGUSR1);
  union sigval value = {.sival_int = 4711};
  SHOW(sigqueue(getpid(), SIGUSR1, value));
  print_sender(getpid());
  NUM(got.si_value.sival_int);
}

CASE(by_alarm) {
  catch(SIGALRM);
  struct itimerval soon = {.it_value = {0, 1000}};
  setitimer(ITIMER_REAL, &soon, NULL);
  while (!calls) sleep_ms(1);
  static const struct name codes[] = {N(SI_USER), N(SI_KERNEL), N(SI_TIMER)};
  printf("%s %s pid %d uid %d\n", signame(got.si_signo), name_in(codes, COUNT(codes), got.si_code), got.si_pid,
         got.si_uid);
}

CASE(by_broken_pipe) {
  catch(SIGPIPE);
  int ends[2];
  MUST(pipe(ends));
  close(ends[0]);
  SHOW(write(ends[1], "x", 1));
  print_sender(getpid());
}

static void print_child(pid_t pid) {
  static const struct name codes[] = {N(CLD_EXITED), N(CLD_KILLED), N(CLD_STOPPED), N(CLD_CONTINUED)};
  printf("%s %s pid %d uid %d status %d\n", signame(got.si_signo), name_in(codes, COUNT(codes), got.si_code),
         got.si_pid == pid, got.si_uid == getuid(), got.si_status);
}
CASE(by_child) {
  catch(SIGCHLD);
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) _exit(33);
  while (calls < 1) sleep_ms(1);
  print_child(pid);
  MUST(waitpid(pid, NULL, 0));
  pid = (pid_t)MUST(fork());
  if (pid == 0) {
    for (;;) pause();
  }
  static const int numbers[] = {SIGSTOP, SIGCONT, SIGTERM};
  for (int i = 0; i < 3; i++) {
    kill(pid, numbers[i]);
    while (calls < 2 + i) sleep_ms(1);
    print_child(pid);
  }
  MUST(waitpid(pid, NULL, 0));
}

// Blocked, then taken: the information waits with the signal.
CASE(kept_while_pending) {
  catch(SIGUSR1);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) _exit(sigqueue(getppid(), SIGUSR1, (union sigval){.sival_int = 5}));
  reap(pid);
  kill(getpid(), SIGUSR1); // the second one is dropped, with what it carries
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  print_sender(pid);
  NUM(got.si_value.sival_int);
  NUM(calls);
}

// The mask in the context is what the task goes on with.
static void change_context(int number, siginfo_t *info, void *context) {
  (void)number;
  (void)info;
  ucontext_t *frame = context;
  printf("before: USR2 %d, HUP %d\n", sigismember(&frame->uc_sigmask, SIGUSR2),
         sigismember(&frame->uc_sigmask, SIGHUP));
  sigaddset(&frame->uc_sigmask, SIGHUP);
  sigdelset(&frame->uc_sigmask, SIGUSR2);
}
CASE(mask_in_context) {
  struct sigaction action = {.sa_sigaction = change_context, .sa_flags = SA_SIGINFO};
  sigemptyset(&action.sa_mask);
  sigaction(SIGUSR1, &action, NULL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  sigprocmask(SIG_SETMASK, &set, NULL);
  raise(SIGUSR1);
  sigprocmask(SIG_SETMASK, NULL, &set);
  printf("after: USR2 %d, HUP %d, USR1 %d\n", sigismember(&set, SIGUSR2), sigismember(&set, SIGHUP),
         sigismember(&set, SIGUSR1));
}

// What is left: uname, getrandom, sysinfo, prctl, unknown calls, scheduling.
#include <sched.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include "../../harness.h"

CASE(system_name) {
  struct utsname name;
  SHOW(uname(&name));
  STR(name.sysname);
  int major = 0, minor = 0;
  NUM(sscanf(name.release, "%d.%d", &major, &minor));
  NUM(major >= 4);
  NUM(name.version[0] != 0 && name.machine[0] != 0);
  char host[65];
  SHOW(gethostname(host, sizeof host));
  NUM(strcmp(host, name.nodename));
  SHOW(SYS1(SYS_uname, BAD_ADDRESS));
}

CASE(random_numbers) {
  unsigned char a[32] = {0}, b[32] = {0};
  SHOW(getrandom(a, sizeof a, 0));
  SHOW(getrandom(b, sizeof b, GRND_NONBLOCK));
  NUM(memcmp(a, b, sizeof a) != 0);
  SHOW(getrandom(a, 0, 0));
  SHOW(getrandom(a, sizeof a, 0x100));
  SHOW(getrandom(BAD_ADDRESS, 10, 0));
  SHOW(getentropy(a, sizeof a));
  SHOW(SYS3(SYS_getrandom, a, 32, GRND_RANDOM));
}

CASE(system_information) {
  struct sysinfo info;
  SHOW(sysinfo(&info));
  NUM(info.totalram > 0 && info.mem_unit > 0);
  NUM(info.freeram <= info.totalram);
  NUM(info.procs > 0);
  NUM(info.uptime >= 0);
  NUM(sysconf(_SC_NPROCESSORS_ONLN) >= 1);
  NUM(sysconf(_SC_PAGESIZE) >= 4096);
  NUM(sysconf(_SC_OPEN_MAX) >= 256);
  NUM(sysconf(_SC_ARG_MAX) >= 4096);
  SHOW(sysconf(-1));
  NUM(pathconf("/", _PC_NAME_MAX));
}

CASE(process_name) {
  char name[17] = "";
  SHOW(prctl(PR_SET_NAME, "a name that is too long"));
  SHOW(prctl(PR_GET_NAME, name));
  STR(name);
  printf("%s", get("/proc/self/comm"));
  SHOW(prctl(PR_SET_NAME, BAD_ADDRESS));
  SHOW(prctl(77777));
}

CASE(process_flags) {
  SHOW(prctl(PR_GET_DUMPABLE));
  SHOW(prctl(PR_SET_DUMPABLE, 0));
  SHOW(prctl(PR_GET_DUMPABLE));
  SHOW(prctl(PR_SET_DUMPABLE, 7));
  SHOW(prctl(PR_GET_KEEPCAPS));
  SHOW(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  SHOW(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  SHOW(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
}

CASE(unknown_calls) {
  static const long numbers[] = {5000, 1000, -1, 0x7fffffff, 180 /* nfsservctl */, 183 /* afs_syscall */};
  for (size_t i = 0; i < COUNT(numbers); i++) {
    errno = 0;
    long result = SYS6(numbers[i], 1, 2, 3, 4, 5, 6);
    printf("%ld: %ld %s\n", numbers[i], result, errname(errno));
  }
}

CASE(raw_calls) {
  NUM(syscall(SYS_getpid) == getpid());
  NUM(syscall(SYS_gettid) == getpid());
  NUM(SYS1(SYS_close, 99));
  STR(errname(errno));
  int ends[2];
  MUST(pipe(ends));
  NUM(SYS3(SYS_write, ends[1], "abc", 3));
  char text[4] = "";
  NUM(SYS3(SYS_read, ends[0], text, 3));
  STR(text);
}

CASE(scheduling) {
  SHOW(sched_yield());
  SHOW(SYS1(SYS_sched_getscheduler, 0));
  struct sched_param parameter;
  SHOW(SYS2(SYS_sched_getparam, 0, &parameter));
  SHOW(SYS1(SYS_sched_get_priority_max, SCHED_FIFO));
  SHOW(SYS1(SYS_sched_get_priority_min, SCHED_OTHER));
  SHOW(SYS1(SYS_sched_get_priority_max, 77));
  cpu_set_t set;
  SHOW(sched_getaffinity(0, sizeof set, &set));
  NUM(CPU_COUNT(&set) >= 1);
  unsigned cpu = 9999;
  SHOW(SYS3(SYS_getcpu, &cpu, 0, 0));
  NUM(cpu < 9999);
}

CASE(thread_id_address) {
  static int word = 5;
  NUM(SYS1(SYS_set_tid_address, &word) == getpid());
}

/* The kernel's structures as programs see them, checked when the C library is built. WALI's layouts: x86-64's with
   pointers of 4 bytes. */

#define _GNU_SOURCE
#include <dirent.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <ucontext.h>
#include <utime.h>
#include "ksigaction.h"

#define SIZE(type, size) _Static_assert(sizeof(type) == (size), #type)
#define FIELD(type, field, offset) _Static_assert(offsetof(type, field) == (offset), #type "." #field)

SIZE(long, 8);
SIZE(void *, 4);
SIZE(size_t, 4);
SIZE(time_t, 8);
SIZE(off_t, 8);
SIZE(struct timespec, 16);
SIZE(struct timeval, 16);
SIZE(struct itimerval, 32);
SIZE(stack_t, 12);
SIZE(struct dirent, 280);
FIELD(struct dirent, d_name, 19);
SIZE(struct epoll_event, 12);
SIZE(struct iovec, 8);
SIZE(struct pollfd, 8);
SIZE(struct rlimit, 16);
SIZE(struct k_sigaction, 24);
FIELD(struct k_sigaction, flags, 4);
FIELD(struct k_sigaction, mask, 16);
SIZE(siginfo_t, 128);
FIELD(siginfo_t, si_pid, 16);
FIELD(siginfo_t, si_status, 24);
FIELD(siginfo_t, si_value, 24);
FIELD(siginfo_t, si_addr, 16);
SIZE(ucontext_t, 184);
FIELD(ucontext_t, uc_link, 8);
FIELD(ucontext_t, uc_stack, 12);
FIELD(ucontext_t, uc_mcontext, 24);
FIELD(ucontext_t, uc_sigmask, 56);
SIZE(struct sockaddr, 16);
SIZE(struct msghdr, 36);
FIELD(struct msghdr, msg_iovlen, 12);
FIELD(struct msghdr, msg_control, 20);
FIELD(struct msghdr, msg_flags, 32);
SIZE(struct stat, 144);
FIELD(struct stat, st_mode, 24);
FIELD(struct stat, st_rdev, 40);
FIELD(struct stat, st_blocks, 64);
FIELD(struct stat, st_ctim, 104);
SIZE(struct statfs, 120);
FIELD(struct statfs, f_fsid, 56);
FIELD(struct statfs, f_flags, 80);
SIZE(struct sysinfo, 368);
FIELD(struct sysinfo, procs, 80);
FIELD(struct sysinfo, mem_unit, 104);
SIZE(struct utimbuf, 16);
SIZE(struct utsname, 390);
SIZE(fd_set, 128);
SIZE(cpu_set_t, 128);
SIZE(struct rusage, 272);
FIELD(struct rusage, ru_nivcsw, 136);

/** poll, epoll, eventfd: <asm-generic/poll.h>, <linux/eventpoll.h>. */

// poll(2)
export const POLLIN: i32 = 1;
export const POLLPRI: i32 = 2;
export const POLLOUT: i32 = 4;
export const POLLERR: i32 = 8;
export const POLLHUP: i32 = 0x10;
export const POLLNVAL: i32 = 0x20;
export const POLLRDNORM: i32 = 0x40;
export const POLLRDBAND: i32 = 0x80;
export const POLLWRNORM: i32 = 0x100;
export const POLLWRBAND: i32 = 0x200;
export const POLLMSG: i32 = 0x400;
export const POLLRDHUP: i32 = 0x2000;

// epoll(7)
export const EPOLLIN: i32 = 1;
export const EPOLLPRI: i32 = 2;
export const EPOLLOUT: i32 = 4;
export const EPOLLERR: i32 = 8;
export const EPOLLHUP: i32 = 0x10;
export const EPOLLNVAL: i32 = 0x20;
export const EPOLLRDNORM: i32 = 0x40;
export const EPOLLRDBAND: i32 = 0x80;
export const EPOLLWRNORM: i32 = 0x100;
export const EPOLLWRBAND: i32 = 0x200;
export const EPOLLMSG: i32 = 0x400;
export const EPOLLRDHUP: i32 = 0x2000;
export const EPOLLEXCLUSIVE: i32 = 0x10000000;
export const EPOLLWAKEUP: i32 = 0x20000000;
export const EPOLLONESHOT: i32 = 0x40000000;
export const EPOLLET: i32 = 0x80000000;

// epoll_ctl(2)
export const EPOLL_CTL_ADD: i32 = 1;
export const EPOLL_CTL_DEL: i32 = 2;
export const EPOLL_CTL_MOD: i32 = 3;

// epoll_create1(2)
export const EPOLL_CLOEXEC: i32 = 0o2000000;

// eventfd(2)
export const EFD_SEMAPHORE: i32 = 1;
export const EFD_CLOEXEC: i32 = 0o2000000;
export const EFD_NONBLOCK: i32 = 0o4000;

// The number of descriptors in select's sets
export const FD_SETSIZE: i32 = 1024;

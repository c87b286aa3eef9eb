/** struct termios: <asm-generic/termbits.h>. */

// c_iflag
export const IGNBRK: i32 = 1;
export const BRKINT: i32 = 2;
export const IGNPAR: i32 = 4;
export const PARMRK: i32 = 0o10;
export const INPCK: i32 = 0o20;
export const ISTRIP: i32 = 0o40;
export const INLCR: i32 = 0o100;
export const IGNCR: i32 = 0o200;
export const ICRNL: i32 = 0o400;
export const IUCLC: i32 = 0o1000;
export const IXON: i32 = 0o2000;
export const IXANY: i32 = 0o4000;
export const IXOFF: i32 = 0o10000;
export const IMAXBEL: i32 = 0o20000;
export const IUTF8: i32 = 0o40000;

// c_oflag; from NLDLY on masks and their values, delays that are recorded only
export const OPOST: i32 = 1;
export const OLCUC: i32 = 2;
export const ONLCR: i32 = 4;
export const OCRNL: i32 = 0o10;
export const ONOCR: i32 = 0o20;
export const ONLRET: i32 = 0o40;
export const OFILL: i32 = 0o100;
export const OFDEL: i32 = 0o200;
export const NLDLY: i32 = 0o400;
export const NL0: i32 = 0;
export const NL1: i32 = 0o400;
export const CRDLY: i32 = 0o3000;
export const CR0: i32 = 0;
export const CR1: i32 = 0o1000;
export const CR2: i32 = 0o2000;
export const CR3: i32 = 0o3000;
export const TABDLY: i32 = 0o14000;
export const TAB0: i32 = 0;
export const TAB1: i32 = 0o4000;
export const TAB2: i32 = 0o10000;
export const TAB3: i32 = 0o14000;
export const XTABS: i32 = 0o14000;
export const BSDLY: i32 = 0o20000;
export const BS0: i32 = 0;
export const BS1: i32 = 0o20000;
export const VTDLY: i32 = 0o40000;
export const VT0: i32 = 0;
export const VT1: i32 = 0o40000;
export const FFDLY: i32 = 0o100000;
export const FF0: i32 = 0;
export const FF1: i32 = 0o100000;

// c_cflag
export const CBAUD: i32 = 0o10017;
export const CSIZE: i32 = 0o60;
export const CS5: i32 = 0;
export const CS6: i32 = 0o20;
export const CS7: i32 = 0o40;
export const CS8: i32 = 0o60;
export const CSTOPB: i32 = 0o100;
export const CREAD: i32 = 0o200;
export const PARENB: i32 = 0o400;
export const PARODD: i32 = 0o1000;
export const HUPCL: i32 = 0o2000;
export const CLOCAL: i32 = 0o4000;
export const CBAUDEX: i32 = 0o10000;
export const CIBAUD: i32 = 0o2003600000;
export const CMSPAR: i32 = 0o10000000000;
export const CRTSCTS: i32 = 0o20000000000;

// c_cflag: speeds
export const B0: i32 = 0;
export const B50: i32 = 1;
export const B75: i32 = 2;
export const B110: i32 = 3;
export const B134: i32 = 4;
export const B150: i32 = 5;
export const B200: i32 = 6;
export const B300: i32 = 7;
export const B600: i32 = 0o10;
export const B1200: i32 = 0o11;
export const B1800: i32 = 0o12;
export const B2400: i32 = 0o13;
export const B4800: i32 = 0o14;
export const B9600: i32 = 0o15;
export const B19200: i32 = 0o16;
export const B38400: i32 = 0o17;
export const B57600: i32 = 0o10001;
export const B115200: i32 = 0o10002;
export const B230400: i32 = 0o10003;
export const B460800: i32 = 0o10004;
export const B500000: i32 = 0o10005;
export const B576000: i32 = 0o10006;
export const B921600: i32 = 0o10007;
export const B1000000: i32 = 0o10010;
export const B1152000: i32 = 0o10011;
export const B1500000: i32 = 0o10012;
export const B2000000: i32 = 0o10013;
export const B2500000: i32 = 0o10014;
export const B3000000: i32 = 0o10015;
export const B3500000: i32 = 0o10016;
export const B4000000: i32 = 0o10017;

// c_lflag
export const ISIG: i32 = 1;
export const ICANON: i32 = 2;
export const XCASE: i32 = 4;
export const ECHO: i32 = 0o10;
export const ECHOE: i32 = 0o20;
export const ECHOK: i32 = 0o40;
export const ECHONL: i32 = 0o100;
export const NOFLSH: i32 = 0o200;
export const TOSTOP: i32 = 0o400;
export const ECHOCTL: i32 = 0o1000;
export const ECHOPRT: i32 = 0o2000;
export const ECHOKE: i32 = 0o4000;
export const FLUSHO: i32 = 0o10000;
export const PENDIN: i32 = 0o40000;
export const IEXTEN: i32 = 0o100000;
export const EXTPROC: i32 = 0o200000;

// c_cc: indices
export const VINTR: i32 = 0;
export const VQUIT: i32 = 1;
export const VERASE: i32 = 2;
export const VKILL: i32 = 3;
export const VEOF: i32 = 4;
export const VTIME: i32 = 5;
export const VMIN: i32 = 6;
export const VSWTC: i32 = 7;
export const VSTART: i32 = 8;
export const VSTOP: i32 = 9;
export const VSUSP: i32 = 10;
export const VEOL: i32 = 11;
export const VREPRINT: i32 = 12;
export const VDISCARD: i32 = 13;
export const VWERASE: i32 = 14;
export const VLNEXT: i32 = 15;
export const VEOL2: i32 = 16;

// The kernel's struct has 19 control characters, the C library's 32; a 0 in c_cc turns a character off.
export const NCCS: i32 = 19;
export const _POSIX_VDISABLE: i32 = 0;

/** ioctl(2) requests of terminals and of files in general: <asm-generic/ioctls.h>, <linux/fs.h>. */

// Terminals (man 2 ioctl_tty)
export const TCGETS: i32 = 0x5401;
export const TCSETS: i32 = 0x5402;
export const TCSETSW: i32 = 0x5403;
export const TCSETSF: i32 = 0x5404;
export const TCGETA: i32 = 0x5405;
export const TCSETA: i32 = 0x5406;
export const TCSETAW: i32 = 0x5407;
export const TCSETAF: i32 = 0x5408;
export const TCSBRK: i32 = 0x5409;
export const TCXONC: i32 = 0x540a;
export const TCFLSH: i32 = 0x540b;
export const TIOCEXCL: i32 = 0x540c;
export const TIOCNXCL: i32 = 0x540d;
export const TIOCSCTTY: i32 = 0x540e;
export const TIOCGPGRP: i32 = 0x540f;
export const TIOCSPGRP: i32 = 0x5410;
export const TIOCOUTQ: i32 = 0x5411;
export const TIOCSTI: i32 = 0x5412;
export const TIOCGWINSZ: i32 = 0x5413;
export const TIOCSWINSZ: i32 = 0x5414;
export const TIOCMGET: i32 = 0x5415;
export const TIOCMBIS: i32 = 0x5416;
export const TIOCMBIC: i32 = 0x5417;
export const TIOCMSET: i32 = 0x5418;
export const TIOCGSOFTCAR: i32 = 0x5419;
export const TIOCSSOFTCAR: i32 = 0x541a;
export const TIOCLINUX: i32 = 0x541c;
export const TIOCCONS: i32 = 0x541d;
export const TIOCGSERIAL: i32 = 0x541e;
export const TIOCSSERIAL: i32 = 0x541f;
export const TIOCPKT: i32 = 0x5420;
export const TIOCNOTTY: i32 = 0x5422;
export const TIOCSETD: i32 = 0x5423;
export const TIOCGETD: i32 = 0x5424;
export const TCSBRKP: i32 = 0x5425;
export const TIOCSBRK: i32 = 0x5427;
export const TIOCCBRK: i32 = 0x5428;
export const TIOCGSID: i32 = 0x5429;
export const TCGETS2: i32 = 0x802c542a;
export const TCSETS2: i32 = 0x402c542b;
export const TCSETSW2: i32 = 0x402c542c;
export const TCSETSF2: i32 = 0x402c542d;
export const TIOCGPTN: i32 = 0x80045430;
export const TIOCSPTLCK: i32 = 0x40045431;
export const TIOCGDEV: i32 = 0x80045432;
export const TIOCSIG: i32 = 0x40045436;
export const TIOCVHANGUP: i32 = 0x5437;
export const TIOCGPKT: i32 = 0x80045438;
export const TIOCGPTLCK: i32 = 0x80045439;
export const TIOCGEXCL: i32 = 0x80045440;
export const TIOCGPTPEER: i32 = 0x5441;
export const TIOCGLCKTRMIOS: i32 = 0x5456;
export const TIOCSLCKTRMIOS: i32 = 0x5457;

// tcflush, tcflow, TIOCPKT
export const TCIFLUSH: i32 = 0;
export const TCOFLUSH: i32 = 1;
export const TCIOFLUSH: i32 = 2;
export const TCOOFF: i32 = 0;
export const TCOON: i32 = 1;
export const TCIOFF: i32 = 2;
export const TCION: i32 = 3;
export const TIOCPKT_DATA: i32 = 0;
export const TIOCPKT_FLUSHREAD: i32 = 1;
export const TIOCPKT_FLUSHWRITE: i32 = 2;
export const TIOCPKT_STOP: i32 = 4;
export const TIOCPKT_START: i32 = 8;
export const TIOCPKT_NOSTOP: i32 = 16;
export const TIOCPKT_DOSTOP: i32 = 32;
export const TIOCPKT_IOCTL: i32 = 64;

// Any descriptor. FIONREAD is also TIOCINQ.
export const FIONREAD: i32 = 0x541b;
export const FIONBIO: i32 = 0x5421;
export const FIONCLEX: i32 = 0x5450;
export const FIOCLEX: i32 = 0x5451;
export const FIOASYNC: i32 = 0x5452;
export const FIOQSIZE: i32 = 0x5460;

// Files and block devices that programs try; ring3 knows them by name only.
export const FICLONE: i32 = 0x40049409;
export const FICLONERANGE: i32 = 0x4020940d;
export const FIBMAP: i32 = 1;
export const FIGETBSZ: i32 = 2;
export const FIFREEZE: i32 = 0xc0045877;
export const FITHAW: i32 = 0xc0045878;
export const FITRIM: i32 = 0xc0185879;
export const FS_IOC_FIEMAP: i32 = 0xc020660b;
export const FS_IOC_GETFLAGS: i32 = 0x80086601;
export const FS_IOC_SETFLAGS: i32 = 0x40086602;
export const BLKROGET: i32 = 0x125e;
export const BLKGETSIZE: i32 = 0x1260;
export const BLKSSZGET: i32 = 0x1268;
export const BLKGETSIZE64: i32 = 0x80041272; // not x86-64's: the number holds sizeof(size_t)
export const BLKFLSBUF: i32 = 0x1261;
export const RNDGETENTCNT: i32 = 0x80045200;

// The Linux console's, which tell programs that a terminal is no virtual console.
export const KDGKBTYPE: i32 = 0x4b33;
export const KDGETMODE: i32 = 0x4b3b;
export const KDGKBMODE: i32 = 0x4b44;
export const VT_OPENQRY: i32 = 0x5600;
export const VT_GETMODE: i32 = 0x5601;
export const VT_GETSTATE: i32 = 0x5603;

// Sockets, and the network's interfaces (man 7 netdevice). SIOCINQ is FIONREAD, SIOCOUTQ is TIOCOUTQ.
export const SIOCATMARK: i32 = 0x8905;
export const SIOCADDRT: i32 = 0x890b;
export const SIOCDELRT: i32 = 0x890c;
export const SIOCGIFNAME: i32 = 0x8910;
export const SIOCGIFCONF: i32 = 0x8912;
export const SIOCGIFFLAGS: i32 = 0x8913;
export const SIOCSIFFLAGS: i32 = 0x8914;
export const SIOCGIFADDR: i32 = 0x8915;
export const SIOCSIFADDR: i32 = 0x8916;
export const SIOCGIFDSTADDR: i32 = 0x8917;
export const SIOCSIFDSTADDR: i32 = 0x8918;
export const SIOCGIFBRDADDR: i32 = 0x8919;
export const SIOCSIFBRDADDR: i32 = 0x891a;
export const SIOCGIFNETMASK: i32 = 0x891b;
export const SIOCSIFNETMASK: i32 = 0x891c;
export const SIOCGIFMETRIC: i32 = 0x891d;
export const SIOCSIFMETRIC: i32 = 0x891e;
export const SIOCGIFMTU: i32 = 0x8921;
export const SIOCSIFMTU: i32 = 0x8922;
export const SIOCSIFNAME: i32 = 0x8923;
export const SIOCSIFHWADDR: i32 = 0x8924;
export const SIOCGIFHWADDR: i32 = 0x8927;
export const SIOCGIFINDEX: i32 = 0x8933;
export const SIOCGIFTXQLEN: i32 = 0x8942;
export const SIOCSIFTXQLEN: i32 = 0x8943;
export const SIOCGIFMAP: i32 = 0x8970;

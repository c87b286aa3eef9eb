/** Terminal settings: the kernel's own copy of a struct termios (man 3 termios), its defaults, and its forms in guest memory. */
import * as struct from "../abi/structs.ts";
import {
  B38400,
  CBAUD,
  CBAUDEX,
  CIBAUD,
  CREAD,
  CS8,
  ECHO,
  ECHOCTL,
  ECHOE,
  ECHOK,
  ECHOKE,
  ICANON,
  ICRNL,
  IEXTEN,
  ISIG,
  IXON,
  NCCS,
  ONLCR,
  OPOST,
} from "../abi/termios.ts";

export interface Termios {
  iflag: number;
  oflag: number;
  cflag: number;
  lflag: number;
  line: number;
  /** The 19 control characters, by V* index. */
  cc: Uint8Array;
  /** Bits a second. */
  ispeed: number;
  ospeed: number;
}

/** ^C ^\ DEL ^U ^D, VTIME 0, VMIN 1, -, ^Q ^S ^Z, -, ^R ^O ^W ^V, -: <asm-generic/termios.h>. */
const INIT_CC = [3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0];

function defaults(): Termios {
  const cc = new Uint8Array(NCCS);
  cc.set(INIT_CC);
  return { iflag: 0, oflag: 0, cflag: B38400 | CS8 | CREAD, lflag: 0, line: 0, cc, ispeed: 38400, ospeed: 38400 };
}

/** What a terminal starts with. */
export function cookedTermios(): Termios {
  return {
    ...defaults(),
    iflag: ICRNL | IXON,
    oflag: OPOST | ONLCR,
    lflag: ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
  };
}

/** What a pty's master works with, always: bytes pass as they are. */
export function rawTermios(): Termios {
  return defaults();
}

export function copyTermios(from: Termios): Termios {
  return { ...from, cc: from.cc.slice() };
}

// ---------------------------------------------------------------- speeds

/** Bits a second by the B* constants: B0 to B38400, then from CBAUDEX | 1 on. */
const SPEEDS = [0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400];
const EXTRA_SPEEDS = [
  57600, 115200, 230400, 460800, 500000, 576000, 921600, 1000000, 1152000, 1500000, 2000000, 2500000, 3000000, 3500000,
  4000000,
];
/** Where CIBAUD's bits stand in c_cflag. */
const IBSHIFT = 16;
/** CBAUD's value that says that c_ospeed has the number itself. */
const BOTHER = CBAUDEX;

/** The speed that CBAUD bits name; -1 for BOTHER. */
function speedOf(bits: number): number {
  if (bits === BOTHER) return -1;
  if (bits & CBAUDEX) return EXTRA_SPEEDS[(bits & ~CBAUDEX) - 1] ?? 0;
  return SPEEDS[bits] ?? 0;
}

/** Brings the two numbers in line with the bits in c_cflag. Input speed 0 means the output's. */
function setSpeeds(termios: Termios): void {
  const output = speedOf(termios.cflag & CBAUD);
  if (output >= 0) termios.ospeed = output;
  const inputBits = (termios.cflag & CIBAUD) >>> IBSHIFT;
  const input = inputBits === 0 ? termios.ospeed : speedOf(inputBits);
  if (input >= 0) termios.ispeed = input;
}

// ---------------------------------------------------------------- in guest memory

/** How one family of ioctl requests (TCGETS, TCGETS2, TCGETA) carries the settings. */
export interface TermiosForm {
  readonly size: number;
  write(view: DataView, address: number, termios: Termios): void;
  /** The settings at `address`; what the form has no room for is taken from `old`. */
  read(view: DataView, address: number, old: Termios): Termios;
}

const flagsOf = (t: Termios) => ({ c_iflag: t.iflag, c_oflag: t.oflag, c_cflag: t.cflag, c_lflag: t.lflag });

export const TERMIOS: TermiosForm = {
  size: struct.termios.size,
  write(view, address, t) {
    struct.termios.write(view, address, { ...flagsOf(t), c_line: t.line, c_cc: t.cc });
  },
  read(view, address, old) {
    const s = struct.termios.read(view, address);
    const termios = {
      ...old,
      iflag: s.c_iflag,
      oflag: s.c_oflag,
      cflag: s.c_cflag,
      lflag: s.c_lflag,
      line: s.c_line,
      cc: s.c_cc.slice(),
    };
    setSpeeds(termios);
    return termios;
  },
};

export const TERMIOS2: TermiosForm = {
  size: struct.termios2.size,
  write(view, address, t) {
    struct.termios2.write(view, address, {
      ...flagsOf(t),
      c_line: t.line,
      c_cc: t.cc,
      c_ispeed: t.ispeed,
      c_ospeed: t.ospeed,
    });
  },
  read(view, address, old) {
    const s = struct.termios2.read(view, address);
    return TERMIOS.read(view, address, { ...old, ispeed: s.c_ispeed, ospeed: s.c_ospeed });
  },
};

/** System V's struct termio: 16-bit flags, 8 control characters. */
const TERMIO_CC = 8;
export const TERMIO: TermiosForm = {
  size: 18,
  write(view, address, t) {
    const flags = [t.iflag, t.oflag, t.cflag, t.lflag];
    for (const [i, flag] of flags.entries()) view.setUint16(address + 2 * i, flag, true);
    view.setUint8(address + 8, t.line);
    for (let i = 0; i < TERMIO_CC; i++) view.setUint8(address + 9 + i, t.cc[i]);
  },
  read(view, address, old) {
    const low = (i: number, flag: number) => ((flag & ~0xffff) | view.getUint16(address + 2 * i, true)) >>> 0;
    const cc = old.cc.slice();
    for (let i = 0; i < TERMIO_CC; i++) cc[i] = view.getUint8(address + 9 + i);
    const termios = {
      ...old,
      iflag: low(0, old.iflag),
      oflag: low(1, old.oflag),
      cflag: low(2, old.cflag),
      lflag: low(3, old.lflag),
      line: view.getUint8(address + 8),
      cc,
    };
    setSpeeds(termios);
    return termios;
  },
};

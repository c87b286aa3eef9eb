/** ioctl(2) on terminals (man 2 ioctl_tty): a table by request. */
import { EINVAL, EIO, ENOTTY, EPERM, ESRCH } from "../abi/errno.ts";
import {
  FIONREAD,
  TCFLSH,
  TCGETA,
  TCGETS,
  TCGETS2,
  TCIFLUSH,
  TCIOFF,
  TCIOFLUSH,
  TCION,
  TCOFLUSH,
  TCOOFF,
  TCOON,
  TCSBRK,
  TCSBRKP,
  TCSETA,
  TCSETAF,
  TCSETAW,
  TCSETS,
  TCSETS2,
  TCSETSF,
  TCSETSF2,
  TCSETSW,
  TCSETSW2,
  TCXONC,
  TIOCCBRK,
  TIOCEXCL,
  TIOCGDEV,
  TIOCGETD,
  TIOCGEXCL,
  TIOCGPGRP,
  TIOCGPTPEER,
  TIOCGSID,
  TIOCGSOFTCAR,
  TIOCGWINSZ,
  TIOCNOTTY,
  TIOCNXCL,
  TIOCOUTQ,
  TIOCSBRK,
  TIOCSCTTY,
  TIOCSETD,
  TIOCSPGRP,
  TIOCSSOFTCAR,
  TIOCSTI,
  TIOCSWINSZ,
  TIOCVHANGUP,
} from "../abi/ioctl.ts";
import { SIGTTOU } from "../abi/signal.ts";
import { winsize } from "../abi/structs.ts";
import { CLOCAL, VSTART, VSTOP } from "../abi/termios.ts";
import type { Task } from "../task/task.ts";
import { checkBackground, giveUpTerminal, setControllingTerminal, terminalOf } from "./jobctl.ts";
import { copyTermios, TERMIO, TERMIOS, TERMIOS2, type TermiosForm } from "./termios.ts";
import type { Tty } from "./tty.ts";
import type { TtyFile } from "./tty-file.ts";

/** The only line discipline. */
const N_TTY = 0;

/** One call: the file's own side, the side whose settings it means (a master's slave), the caller, the argument. */
interface Call {
  readonly file: TtyFile;
  readonly tty: Tty;
  readonly real: Tty;
  readonly t: Task;
  readonly argument: number;
}
type IoctlHandler = (call: Call) => number;

const background = ({ t }: Call, tty: Tty): number => checkBackground(t, tty, SIGTTOU);

function putInt({ t, argument }: Call, value: number): number {
  t.mm.setU32(argument, value >>> 0);
  return 0;
}

// ---------------------------------------------------------------- settings

function getTermios(form: TermiosForm): IoctlHandler {
  return ({ real, t, argument }) => {
    t.mm.check(argument, form.size);
    form.write(t.mm.view, argument, real.termios);
    return 0;
  };
}

/** tcsetattr: output that has to drain first is at the other end at once, so that TCSADRAIN has nothing to wait for. */
function setTermios(form: TermiosForm, flush: boolean): IoctlHandler {
  return (call) => {
    const { real, t, argument } = call;
    const error = background(call, real);
    if (error) return error;
    t.mm.check(argument, form.size);
    const termios = form.read(t.mm.view, argument, real.termios);
    if (flush) real.ldisc.flush();
    real.setTermios(termios);
    real.pump();
    return 0;
  };
}

// ---------------------------------------------------------------- flow

const FLUSHES = new Map<number, (tty: Tty) => void>([
  [TCIFLUSH, (tty) => tty.flushInput()],
  [TCOFLUSH, (tty) => tty.flushOutput()],
  [
    TCIOFLUSH,
    (tty) => {
      tty.flushInput();
      tty.flushOutput();
    },
  ],
]);

/** Sends ^S or ^Q to the other end, past a stop of our own output by ^S. */
function sendChar(tty: Tty, index: number): void {
  const c = tty.termios.cc[index];
  if (c === 0) return;
  const { stopped } = tty.flow;
  if (stopped) tty.start();
  if (tty.outputRoom() > 0) tty.output(Uint8Array.of(c));
  if (stopped) tty.stop();
}

const FLOWS = new Map<number, (tty: Tty) => void>([
  [
    TCOOFF,
    (tty) => {
      tty.flow.tcoStopped = true;
      tty.stop();
    },
  ],
  [
    TCOON,
    (tty) => {
      if (!tty.flow.tcoStopped) return;
      tty.flow.tcoStopped = false;
      tty.start();
    },
  ],
  [TCIOFF, (tty) => sendChar(tty, VSTOP)],
  [TCION, (tty) => sendChar(tty, VSTART)],
]);

/** tcflush and tcflow: what the argument asks for, unless from the background. */
function byArgument(actions: ReadonlyMap<number, (tty: Tty) => void>): IoctlHandler {
  return (call) => {
    const error = background(call, call.tty);
    if (error) return error;
    const action = actions.get(call.argument);
    if (action === undefined) return -EINVAL;
    action(call.tty);
    return 0;
  };
}

/** tcsendbreak and tcdrain: nothing at the other end takes a break, and nothing is left to drain. */
const breakOrDrain: IoctlHandler = (call) => background(call, call.tty);

// ---------------------------------------------------------------- job control

/** TIOCGPGRP and TIOCGSID are for the terminal's own session, or for a master. */
function mayAsk({ tty, real, t }: Call): boolean {
  return tty !== real || terminalOf(t.process) === real;
}

const getForeground: IoctlHandler = (call) => (mayAsk(call) ? putInt(call, call.real.pgrp) : -ENOTTY);

const getSession: IoctlHandler = (call) => {
  const { session } = call.real;
  return mayAsk(call) && session !== null ? putInt(call, session.sid) : -ENOTTY;
};

const setForeground: IoctlHandler = (call) => {
  const { real, t, argument } = call;
  const error = background(call, real);
  if (error) return error === -EIO ? -ENOTTY : error;
  const pgrp = t.mm.i32(argument);
  if (pgrp < 0) return -EINVAL;
  const { session } = t.process;
  if (terminalOf(t.process) !== real || real.session !== session) return -ENOTTY;
  // The number may be that of a group or, as Linux has it, of any process.
  const { processes, groups } = t.kernel;
  const [member = processes.get(pgrp)] = groups.of(pgrp);
  if (member === undefined) return -ESRCH;
  if (member.session !== session) return -EPERM;
  real.pgrp = pgrp;
  return 0;
};

// ---------------------------------------------------------------- window, input

const getWindow: IoctlHandler = ({ real, t, argument }) => {
  const { rows, cols, xpixel, ypixel } = real.winsize;
  t.mm.check(argument, winsize.size);
  winsize.write(t.mm.view, argument, { ws_row: rows, ws_col: cols, ws_xpixel: xpixel, ws_ypixel: ypixel });
  return 0;
};

const setWindow: IoctlHandler = ({ real, t, argument }) => {
  t.mm.check(argument, winsize.size);
  const { ws_row, ws_col, ws_xpixel, ws_ypixel } = winsize.read(t.mm.view, argument);
  real.resize({ rows: ws_row, cols: ws_col, xpixel: ws_xpixel, ypixel: ws_ypixel });
  return 0;
};

const pushInput: IoctlHandler = ({ tty, t, argument }) => {
  if (terminalOf(t.process) !== tty && t.euid !== 0) return -EPERM;
  t.mm.check(argument, 1);
  tty.receive(Uint8Array.of(t.mm.u8[argument]));
  return 0;
};

// ---------------------------------------------------------------- table

const HANDLERS = new Map<number, IoctlHandler>([
  [TCGETS, getTermios(TERMIOS)],
  [TCGETS2, getTermios(TERMIOS2)],
  [TCGETA, getTermios(TERMIO)],
  [TCSETS, setTermios(TERMIOS, false)],
  [TCSETSW, setTermios(TERMIOS, false)],
  [TCSETSF, setTermios(TERMIOS, true)],
  [TCSETS2, setTermios(TERMIOS2, false)],
  [TCSETSW2, setTermios(TERMIOS2, false)],
  [TCSETSF2, setTermios(TERMIOS2, true)],
  [TCSETA, setTermios(TERMIO, false)],
  [TCSETAW, setTermios(TERMIO, false)],
  [TCSETAF, setTermios(TERMIO, true)],
  [TIOCGSOFTCAR, (call) => putInt(call, call.real.termios.cflag & CLOCAL ? 1 : 0)],
  [
    TIOCSSOFTCAR,
    ({ real, t, argument }) => {
      const termios = copyTermios(real.termios);
      termios.cflag = t.mm.u32(argument) ? termios.cflag | CLOCAL : termios.cflag & ~CLOCAL;
      real.setTermios(termios);
      return 0;
    },
  ],
  [TCFLSH, byArgument(FLUSHES)],
  [TCXONC, byArgument(FLOWS)],
  [TCSBRK, breakOrDrain],
  [TCSBRKP, breakOrDrain],
  [TIOCSBRK, breakOrDrain],
  [TIOCCBRK, breakOrDrain],
  [TIOCGPGRP, getForeground],
  [TIOCSPGRP, setForeground],
  [TIOCGSID, getSession],
  [TIOCSCTTY, ({ file, real, t, argument }) => setControllingTerminal(t, real, file.readable, argument === 1)],
  [TIOCNOTTY, ({ tty, t }) => giveUpTerminal(t, tty)],
  [TIOCGWINSZ, getWindow],
  [TIOCSWINSZ, setWindow],
  [TIOCSTI, pushInput],
  [FIONREAD, (call) => putInt(call, call.tty.ldisc.available)],
  // What was written is at the other end already.
  [TIOCOUTQ, (call) => putInt(call, 0)],
  [
    TIOCEXCL,
    ({ tty }) => {
      tty.exclusive = true;
      return 0;
    },
  ],
  [
    TIOCNXCL,
    ({ tty }) => {
      tty.exclusive = false;
      return 0;
    },
  ],
  [TIOCGEXCL, (call) => putInt(call, call.tty.exclusive ? 1 : 0)],
  [TIOCGETD, (call) => putInt(call, N_TTY)],
  [
    TIOCSETD,
    (call) => {
      const discipline = call.t.mm.i32(call.argument);
      return background(call, call.tty) || (discipline === N_TTY ? 0 : -EINVAL);
    },
  ],
  // Only a master has a peer to open.
  [TIOCGPTPEER, () => -EIO],
  [TIOCGDEV, (call) => putInt(call, call.real.dev)],
  [
    TIOCVHANGUP,
    ({ tty, t }) => {
      if (t.euid !== 0) return -EPERM;
      tty.hangup();
      return 0;
    },
  ],
]);

/** Serves a terminal's ioctl: the result or -errno (-ENOTTY for what terminals do not know). Throws SysError EFAULT. */
export function ttyIoctl(file: TtyFile, t: Task, request: number, argument: number): number {
  const { tty } = file;
  const own = tty.ownIoctl(t, request, argument);
  if (own !== null) return own;
  const handler = HANDLERS.get(request);
  return handler === undefined ? -ENOTTY : handler({ file, tty, real: tty.settingsSide, t, argument });
}

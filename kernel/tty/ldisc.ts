/**
 * N_TTY, the line discipline (man 3 termios): what becomes of the bytes a terminal receives. Editing, echo, signals and flow control
 * on the way in, the read buffer, and the rules of reading it by line or by VMIN and VTIME. The way out is in output.ts.
 *
 * Where termios(3) leaves room this does as Linux does, which tests/tty checks against a real pty. Linux takes no notice of IMAXBEL, and of
 * IXOFF, IGNBRK, BRKINT, INPCK and IGNPAR only where there is a serial line to report breaks and parity errors.
 */
import { SIGINT, SIGQUIT, SIGTSTP } from "../abi/signal.ts";
import {
  ECHO,
  ECHOCTL,
  ECHOE,
  ECHOK,
  ECHOKE,
  ECHONL,
  ECHOPRT,
  EXTPROC,
  ICANON,
  ICRNL,
  IEXTEN,
  IGNCR,
  INLCR,
  ISIG,
  ISTRIP,
  IUCLC,
  IXANY,
  IXON,
  NOFLSH,
  PARMRK,
  VEOF,
  VEOL,
  VEOL2,
  VERASE,
  VINTR,
  VKILL,
  VLNEXT,
  VMIN,
  VQUIT,
  VREPRINT,
  VSTART,
  VSTOP,
  VSUSP,
  VTIME,
  VWERASE,
} from "../abi/termios.ts";
import { isAlphanumeric, isControl, toLower } from "./ctype.ts";
import { Output } from "./output.ts";
import type { Termios } from "./termios.ts";
import type { Tty } from "./tty.ts";

/** Bytes the read buffer holds; a power of two. A line is at most this long, its end included. */
const SIZE = 4096;
const MASK = SIZE - 1;

const CR = 13;
const LF = 10;
const TAB = 9;
const BS = 8;
const SPACE = 32;
const UNDERSCORE = 95;
/** Marked as a line's end, it stands for a VEOF that was typed. Also: a control character that is off. */
const DISABLED = 0;

const SIGNAL_CHARS = [
  [VINTR, SIGINT],
  [VQUIT, SIGQUIT],
  [VSUSP, SIGTSTP],
] as const;

export class LineDiscipline {
  readonly output: Output;
  readonly #tty: Tty;
  /** The read buffer is a ring. These positions only grow; a byte stands at its position's low bits. */
  readonly #buffer = new Uint8Array(SIZE);
  /** 1 where a byte ends a line. */
  readonly #ends = new Uint8Array(SIZE);
  #tail = 0;
  #head = 0;
  /** End of the last whole line: up to here a read in canonical mode may go, and erasing may not. */
  #canonHead = 0;
  /** End of what a read in non-canonical mode may have. */
  #commitHead = 0;
  /** ICANON as of the last change of settings. */
  canonical = false;
  /** The last character was VLNEXT. */
  #literalNext = false;
  /** ^S and ^Q in the input at hand have been done. */
  #lookedAhead = false;
  /** Between the \ and / of ECHOPRT. */
  #erasing = false;
  /** No input character means anything: bytes go straight to the read buffer. */
  #raw = false;
  /** Characters that #special looks at, by the settings. */
  readonly #isSpecial = new Uint8Array(256);

  constructor(tty: Tty) {
    this.#tty = tty;
    this.output = new Output(tty);
  }

  get #iflag(): number {
    return this.#tty.termios.iflag;
  }
  get #lflag(): number {
    return this.#tty.termios.lflag;
  }
  #is(c: number, index: number): boolean {
    return c === this.#tty.termios.cc[index];
  }

  // ------------------------------------------------------------ settings

  /** The terminal's settings changed; `old` null at the start. */
  settingsChanged(old: Termios | null): void {
    const { iflag, lflag } = this.#tty.termios;
    if (old === null || (old.lflag ^ lflag) & (ICANON | EXTPROC)) {
      // What was read so far can be had at once in the new mode, as if VEOF had been typed.
      this.#ends.fill(0);
      this.#canonHead = this.#tail;
      if (lflag & ICANON && this.#head !== this.#tail) {
        this.#ends[(this.#head - 1) & MASK] = 1;
        this.#canonHead = this.#head;
      }
      this.#commitHead = this.#head;
      this.#erasing = false;
      this.#literalNext = false;
    }
    this.canonical = (lflag & ICANON) !== 0;
    this.#raw =
      (iflag & (ISTRIP | IUCLC | IGNCR | ICRNL | INLCR | IXON | PARMRK)) === 0 &&
      (lflag & (ICANON | ISIG | ECHO)) === 0;
    this.#markSpecial();
    if (old !== null && old.iflag & IXON && !(iflag & IXON) && !this.#tty.flow.tcoStopped) {
      this.#tty.start();
      this.output.processEchoes();
    }
    this.#tty.wakeAll();
  }

  #markSpecial(): void {
    const { iflag, lflag, cc } = this.#tty.termios;
    const special = this.#isSpecial.fill(0);
    const mark = (on: number, ...indices: number[]) => {
      if (on) for (const i of indices) special[cc[i]] = 1;
    };
    mark(lflag & ICANON, VERASE, VKILL, VEOF, VEOL);
    mark(lflag & ICANON && lflag & IEXTEN, VWERASE, VLNEXT, VEOL2);
    mark(lflag & ICANON && lflag & IEXTEN && lflag & ECHO, VREPRINT);
    mark(iflag & IXON, VSTART, VSTOP);
    mark(lflag & ISIG, VINTR, VQUIT, VSUSP);
    if (iflag & (IGNCR | ICRNL)) special[CR] = 1;
    if (iflag & INLCR || lflag & ICANON) special[LF] = 1;
    special[DISABLED] = 0;
  }

  /** Forgets what was received and not read (TCIFLUSH). */
  flush(): void {
    this.#head = this.#tail = this.#canonHead = this.#commitHead = 0;
    this.#erasing = false;
    this.#ends.fill(0);
    this.#tty.packetFlushed();
  }

  /** As new: after a hangup. */
  reset(): void {
    this.flush();
    this.output.clearEchoes();
    this.settingsChanged(null);
  }

  // ------------------------------------------------------------ input

  /**
   * Takes input, as much as there is room for: gives how many bytes that was. A line that grows beyond the buffer before its end comes loses
   * the characters in excess, so that the end can always be typed. `lookedAhead`: lookAhead() saw these bytes before.
   */
  receive(bytes: Uint8Array, lookedAhead = false): number {
    this.#lookedAhead = lookedAhead;
    let done = 0;
    while (done < bytes.length) {
      let room = SIZE - (this.#head - this.#tail);
      // Under PARMRK a byte may become three.
      if (this.#iflag & PARMRK) room = Math.ceil(room / 3);
      room--;
      if (room <= 0) {
        if (!this.canonical || this.#canonHead !== this.#tail) break;
        if (room < 0) this.#head--;
        room = 1;
      }
      const end = Math.min(bytes.length, done + room);
      this.#process(bytes, done, end);
      done = end;
    }
    return done;
  }

  #process(bytes: Uint8Array, start: number, end: number): void {
    const external = this.#lflag & EXTPROC;
    if (this.#raw) {
      for (let i = start; i < end; i++) this.#store(bytes[i]);
    } else {
      for (let i = start; i < end; i++) this.#character(bytes[i]);
      this.output.flushEchoes();
    }
    if (this.canonical && !external) return;
    this.#commitHead = this.#head;
    if (this.#head !== this.#tail) this.#tty.wakeReaders();
  }

  #character(c: number): void {
    const iflag = this.#iflag;
    if (iflag & ISTRIP) c &= 0x7f;
    if (iflag & IUCLC && this.#lflag & IEXTEN) c = toLower(c);
    if (this.#literalNext) {
      this.#literalNext = false;
      this.#ordinary(c);
    } else if (this.#lflag & EXTPROC) this.#store(c);
    else if (this.#isSpecial[c]) this.#special(c);
    else this.#ordinary(c);
  }

  #store(c: number): void {
    this.#buffer[this.#head++ & MASK] = c;
  }

  /** Stores a byte; under PARMRK, where 0xff announces an error, 0xff is doubled. */
  #storeMarked(c: number): void {
    if (c === 0xff && this.#iflag & PARMRK) this.#store(c);
    this.#store(c);
  }

  /** Under IXANY any character restarts output that ^S stopped. */
  #restartAny(): void {
    const { stopped, tcoStopped } = this.#tty.flow;
    if (stopped && !tcoStopped && this.#iflag & IXON && this.#iflag & IXANY) this.#restart();
  }

  #restart(): void {
    this.#tty.start();
    this.output.processEchoes();
  }

  #ordinary(c: number): void {
    this.#restartAny();
    if (this.#lflag & ECHO) {
      this.#finishErasing();
      this.#echoInput(c);
    }
    this.#storeMarked(c);
  }

  /** Echoes a character that is about to be stored. */
  #echoInput(c: number): void {
    if (this.#canonHead === this.#head) this.output.echoCanonColumn();
    this.#echo(c);
    this.output.commitEchoes();
  }

  /** Echoes a character, a control character as ^X under ECHOCTL. */
  #echo(c: number): void {
    if (this.#lflag & ECHOCTL && isControl(c) && c !== TAB) this.output.echoControl(c);
    else this.output.echo(c);
  }

  /** ^S and ^Q under IXON: whether `c` was one. */
  #flowControl(c: number): boolean {
    const start = this.#is(c, VSTART);
    if (!start && !this.#is(c, VSTOP)) return false;
    if (this.#lookedAhead) return true;
    if (start) this.#restart();
    else this.#tty.stop();
    return true;
  }

  /** Looks for ^S and ^Q in input that has to wait for room, so that they work at once. */
  lookAhead(bytes: Uint8Array): void {
    this.#lookedAhead = false;
    if (this.#iflag & IXON) for (const c of bytes) this.#flowControl(c);
  }

  /** A character that means something by the present settings. */
  #special(c: number): void {
    const iflag = this.#iflag;
    const lflag = this.#lflag;
    if (iflag & IXON && this.#flowControl(c)) return;
    if (lflag & ISIG) {
      const signal = SIGNAL_CHARS.find(([index]) => this.#is(c, index));
      if (signal !== undefined) {
        this.#signal(signal[1], c);
        return;
      }
    }
    this.#restartAny();
    if (c === CR) {
      if (iflag & IGNCR) return;
      if (iflag & ICRNL) c = LF;
    } else if (c === LF && iflag & INLCR) c = CR;
    if (this.canonical && this.#edit(c)) return;
    if (lflag & ECHO) {
      this.#finishErasing();
      if (c === LF) {
        this.output.echo(LF);
        this.output.commitEchoes();
      } else this.#echoInput(c);
    }
    this.#storeMarked(c);
  }

  #signal(signo: number, c: number): void {
    this.#tty.signalForeground(signo);
    if (!(this.#lflag & NOFLSH)) {
      this.output.clearEchoes();
      this.#tty.flushOutput();
      this.flush();
    }
    if (this.#iflag & IXON) this.#tty.start();
    if (this.#lflag & ECHO) {
      this.#echo(c);
      this.output.commitEchoes();
    } else this.output.processEchoes();
  }

  /** Canonical mode's own characters; false for one that is none. */
  #edit(c: number): boolean {
    const lflag = this.#lflag;
    const extended = (lflag & IEXTEN) !== 0;
    if (this.#is(c, VERASE) || this.#is(c, VKILL) || (extended && this.#is(c, VWERASE))) {
      this.#erase(c);
      this.output.commitEchoes();
    } else if (extended && this.#is(c, VLNEXT)) {
      this.#literalNext = true;
      if (lflag & ECHO) {
        this.#finishErasing();
        if (lflag & ECHOCTL) this.#echoAll("^\b");
      }
    } else if (extended && lflag & ECHO && this.#is(c, VREPRINT)) {
      this.#finishErasing();
      this.#echo(c);
      this.output.echo(LF);
      for (let i = this.#canonHead; i < this.#head; i++) this.#echo(this.#buffer[i & MASK]);
      this.output.commitEchoes();
    } else if (c === LF) {
      if (lflag & (ECHO | ECHONL)) this.#echoAll("\n");
      this.#endLine(c);
    } else if (this.#is(c, VEOF)) {
      this.#endLine(DISABLED);
    } else if (this.#is(c, VEOL) || (extended && this.#is(c, VEOL2))) {
      if (lflag & ECHO) this.#echoInput(c);
      if (c === 0xff && this.#iflag & PARMRK) this.#store(c);
      this.#endLine(c);
    } else return false;
    return true;
  }

  #echoAll(text: string): void {
    for (let i = 0; i < text.length; i++) this.output.echo(text.charCodeAt(i));
    this.output.commitEchoes();
  }

  #endLine(c: number): void {
    this.#ends[this.#head & MASK] = 1;
    this.#store(c);
    this.#canonHead = this.#head;
    this.#tty.wakeReaders();
  }

  // ------------------------------------------------------------ erasing

  #finishErasing(): void {
    if (!this.#erasing) return;
    this.output.echo(0x2f); // "/"
    this.#erasing = false;
  }

  /** VERASE takes one character back, VWERASE a word, VKILL the line. */
  #erase(c: number): void {
    if (this.#head === this.#canonHead) return;
    const lflag = this.#lflag;
    const one = this.#is(c, VERASE);
    const word = !one && this.#is(c, VWERASE);
    if (!one && !word && (lflag & (ECHO | ECHOK | ECHOKE | ECHOE)) !== (ECHO | ECHOK | ECHOKE | ECHOE)) {
      this.#kill();
      return;
    }
    let inWord = false;
    while (this.#head !== this.#canonHead) {
      const start = this.#characterStart();
      const first = this.#buffer[start & MASK];
      // The line does not begin within a character: leave the pieces.
      if (this.output.isContinuation(first)) break;
      if (word) {
        if (isAlphanumeric(first) || first === UNDERSCORE) inWord = true;
        else if (inWord) break;
      }
      const end = this.#head;
      this.#head = start;
      if (lflag & ECHO) this.#echoErased(start, end, one);
      if (one) break;
    }
    if (this.#head === this.#canonHead && lflag & ECHO) this.#finishErasing();
  }

  /** Where the last character begins, of several bytes under IUTF8. */
  #characterStart(): number {
    let start = this.#head - 1;
    while (start > this.#canonHead && this.output.isContinuation(this.#buffer[start & MASK])) start--;
    return start;
  }

  /** The plain way to kill a line: shows the character typed, and with ECHOK a new line. */
  #kill(): void {
    this.#head = this.#canonHead;
    if (!(this.#lflag & ECHO)) return;
    this.#finishErasing();
    this.#echo(this.#tty.termios.cc[VKILL]);
    if (this.#lflag & ECHOK) this.output.echo(LF);
  }

  /** Shows that the character at positions start..end is gone. */
  #echoErased(start: number, end: number, one: boolean): void {
    const lflag = this.#lflag;
    const c = this.#buffer[start & MASK];
    if (lflag & ECHOPRT) {
      if (!this.#erasing) this.output.echo(0x5c); // "\"
      this.#erasing = true;
      this.#echo(c);
      for (let i = start + 1; i < end; i++) {
        this.output.echo(this.#buffer[i & MASK]);
        this.output.echoBackColumn();
      }
    } else if (one && !(lflag & ECHOE)) {
      this.#echo(this.#tty.termios.cc[VERASE]);
    } else if (c === TAB) {
      this.#echoErasedTab();
    } else {
      const columns = !isControl(c) ? 1 : lflag & ECHOCTL ? 2 : 0;
      for (let i = 0; i < columns; i++) {
        this.output.echo(BS);
        this.output.echo(SPACE);
        this.output.echo(BS);
      }
    }
  }

  /** Counts the columns before an erased tab, back to the previous one or the line's beginning: the tab took the rest of 8. */
  #echoErasedTab(): void {
    let columns = 0;
    let afterTab = false;
    for (let i = this.#head - 1; i >= this.#canonHead && !afterTab; i--) {
      const c = this.#buffer[i & MASK];
      if (c === TAB) afterTab = true;
      else if (isControl(c)) columns += this.#lflag & ECHOCTL ? 2 : 0;
      else if (!this.output.isContinuation(c)) columns++;
    }
    this.output.echoEraseTab(columns, afterTab);
  }

  // ------------------------------------------------------------ the read buffer

  /** Whether reads go by lines now. */
  get byLine(): boolean {
    return this.canonical && !(this.#lflag & EXTPROC);
  }

  get readable(): boolean {
    return this.byLine ? this.#canonHead !== this.#tail : this.#commitHead !== this.#tail;
  }

  /** Readable as poll(2) sees it: with VMIN and without VTIME, once VMIN bytes are there. */
  get pollReadable(): boolean {
    if (this.byLine) return this.readable;
    const { cc } = this.#tty.termios;
    return this.#commitHead - this.#tail >= (cc[VTIME] === 0 && cc[VMIN] > 0 ? cc[VMIN] : 1);
  }

  /** Bytes that a read may have (FIONREAD). */
  get available(): number {
    if (!this.byLine) return this.#head - this.#tail;
    let count = this.#canonHead - this.#tail;
    for (let i = this.#tail; i < this.#canonHead; i++) {
      if (this.#ends[i & MASK] && this.#buffer[i & MASK] === DISABLED) count--;
    }
    return count;
  }

  /** Reads at most one line. 0 is the end of file: VEOF typed at the line's beginning. */
  readLine(into: Uint8Array): number {
    const limit = Math.min(this.#canonHead, this.#tail + into.length);
    let at = this.#tail;
    while (at < limit && !this.#ends[at & MASK]) at++;
    const ended = at < limit;
    const eof = ended && this.#buffer[at & MASK] === DISABLED;
    const count = at - this.#tail + (ended && !eof ? 1 : 0);
    this.#copy(into, count);
    if (ended) this.#takeEnd(at);
    else if (this.#tail < this.#canonHead && this.#atEof()) {
      // A VEOF right behind what was asked for is not an end of file for the next read.
      this.#takeEnd(this.#tail);
    }
    return count;
  }

  #atEof(): boolean {
    const at = this.#tail & MASK;
    return this.#ends[at] === 1 && this.#buffer[at] === DISABLED;
  }

  #takeEnd(at: number): void {
    this.#ends[at & MASK] = 0;
    this.#tail = at + 1;
  }

  /** Reads what is there. */
  readRaw(into: Uint8Array): number {
    const count = Math.min(into.length, this.#commitHead - this.#tail);
    this.#copy(into, count);
    // EXTPROC: the line was edited elsewhere, and a VEOF by itself is an end of file.
    const { lflag, cc } = this.#tty.termios;
    const alone = count === 1 && this.#tail === this.#commitHead && into[0] === cc[VEOF];
    return alone && lflag & EXTPROC && this.canonical ? 0 : count;
  }

  #copy(into: Uint8Array, count: number): void {
    const start = this.#tail & MASK;
    const atEnd = Math.min(count, SIZE - start);
    into.set(this.#buffer.subarray(start, start + atEnd));
    into.set(this.#buffer.subarray(0, count - atEnd), atEnd);
    this.#tail += count;
  }
}

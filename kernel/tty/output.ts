/** The output side of the line discipline: OPOST processing with its column, and the echo. */
import { IUTF8, OCRNL, OLCUC, ONLCR, ONLRET, ONOCR, OPOST, TABDLY, XTABS } from "../abi/termios.ts";
import { isControl, toUpper } from "./ctype.ts";
import type { Tty } from "./tty.ts";

const CR = 13;
const LF = 10;
const TAB = 9;
const BS = 8;
const SPACE = 32;
const CARET = 94;

/** Bytes that go to the driver at once. */
const BATCH = 4096;

/** Processed by itself where more echo than this has collected within one batch of input. */
const ECHO_WATERMARK = 256;
/** Echo that a stopped terminal keeps; older echo is dropped. */
const ECHO_LIMIT = 3808;

/**
 * What waits in the echo queue: a byte 0..255 to be written, or one of these. They are operations rather than bytes because the column is
 * known only when they are written, after whatever output came between.
 */
const CONTROL = 0x100; // | byte: as ^X
const ERASE_TAB = 0x200; // | columns used before the tab (mod 8) | AFTER_TAB
const AFTER_TAB = 0x80;
const BACK_COLUMN = 0x300;
const SET_CANON_COLUMN = 0x301;

export class Output {
  readonly #tty: Tty;
  /** Where the cursor stands, as far as the discipline knows. */
  #column = 0;
  /** Where the line being typed began. */
  #canonColumn = 0;
  readonly #batch = new Uint8Array(BATCH);
  #used = 0;
  #room = 0;
  #echo: number[] = [];
  /** How much of the echo has been tried already: it waits for room, and comes with the next that is written. */
  #tried = 0;

  constructor(tty: Tty) {
    this.#tty = tty;
  }

  /** Writes what has room in the driver; gives how many of the bytes that were. */
  write(bytes: Uint8Array): number {
    this.processEchoes();
    const process = this.#tty.termios.oflag & OPOST;
    let done = 0;
    while (done < bytes.length) {
      const taken = process ? this.#writeProcessed(bytes, done) : this.#writeRaw(bytes, done);
      if (taken === 0) break;
      done += taken;
    }
    return done;
  }

  #writeRaw(bytes: Uint8Array, start: number): number {
    const count = Math.min(bytes.length - start, this.#tty.outputRoom());
    if (count > 0) this.#tty.output(bytes.subarray(start, start + count));
    return count;
  }

  #writeProcessed(bytes: Uint8Array, start: number): number {
    this.#begin();
    let i = start;
    while (i < bytes.length && this.#put(bytes[i])) i++;
    this.#end();
    return i - start;
  }

  #begin(): void {
    this.#used = 0;
    this.#room = Math.min(this.#tty.outputRoom(), BATCH);
  }

  #end(): void {
    if (this.#used > 0) this.#tty.output(this.#batch.subarray(0, this.#used));
  }

  /** Puts bytes into the batch, all or none; false where there is no room. */
  #emit(byte: number, times = 1): boolean {
    if (times > this.#room) return false;
    this.#room -= times;
    for (; times > 0; times--) this.#batch[this.#used++] = byte;
    return true;
  }

  /** Puts one character with OPOST's processing into the batch. False, and nothing done, where it has no room. */
  #put(c: number): boolean {
    // ONOCR may let a carriage return vanish, but even that waits for room.
    if (this.#room === 0) return false;
    const { oflag } = this.#tty.termios;
    switch (c) {
      case LF:
        if (oflag & ONLRET) this.#column = 0;
        if (oflag & ONLCR) {
          if (this.#room < 2) return false;
          this.#canonColumn = this.#column = 0;
          return this.#emit(CR) && this.#emit(LF);
        }
        this.#canonColumn = this.#column;
        return this.#emit(LF);
      case CR:
        if (oflag & ONOCR && this.#column === 0) return true;
        if (oflag & OCRNL) {
          if (oflag & ONLRET) this.#canonColumn = this.#column = 0;
          return this.#emit(LF);
        }
        this.#canonColumn = this.#column = 0;
        return this.#emit(CR);
      case TAB: {
        const spaces = 8 - (this.#column & 7);
        const done = (oflag & TABDLY) === XTABS ? this.#emit(SPACE, spaces) : this.#emit(TAB);
        if (done) this.#column += spaces;
        return done;
      }
      case BS:
        this.#back();
        return this.#emit(BS);
      default:
        if (!isControl(c)) {
          if (oflag & OLCUC) c = toUpper(c);
          if (!this.isContinuation(c)) this.#column++;
        }
        return this.#emit(c);
    }
  }

  #back(): void {
    if (this.#column > 0) this.#column--;
  }

  /** A byte that is not the first of its UTF-8 character, under IUTF8. */
  isContinuation(c: number): boolean {
    return (c & 0xc0) === 0x80 && (this.#tty.termios.iflag & IUTF8) !== 0;
  }

  // ------------------------------------------------------------ echo

  /** Echoes a byte as it is. */
  echo(c: number): void {
    this.#echo.push(c);
  }

  /** Echoes a control character as ^X. */
  echoControl(c: number): void {
    this.#echo.push(CONTROL | c);
  }

  /** The line being typed begins where the cursor is. */
  echoCanonColumn(): void {
    this.#echo.push(SET_CANON_COLUMN);
  }

  /** The byte just echoed took no column. */
  echoBackColumn(): void {
    this.#echo.push(BACK_COLUMN);
  }

  /** Goes back over a tab; `columns` is what stands before it, since the last tab (`afterTab`) or since the line began. */
  echoEraseTab(columns: number, afterTab: boolean): void {
    this.#echo.push(ERASE_TAB | (columns & 7) | (afterTab ? AFTER_TAB : 0));
  }

  /** After each character's echo: writes it out if a good deal has collected. The rest goes when the batch of input is done. */
  commitEchoes(): void {
    if (this.#echo.length >= ECHO_WATERMARK) this.processEchoes();
  }

  /** A batch of input is done: writes out what it echoed. */
  flushEchoes(): void {
    if (this.#echo.length > this.#tried) this.processEchoes();
  }

  clearEchoes(): void {
    this.#echo.length = this.#tried = 0;
  }

  /** Writes the echo out as far as there is room. */
  processEchoes(): void {
    const echo = this.#echo;
    if (echo.length === 0) return;
    let done = 0;
    for (;;) {
      const before = done;
      this.#begin();
      while (done < echo.length && this.#putEcho(echo[done])) done++;
      this.#end();
      if (done === echo.length || done === before) break;
    }
    this.#echo = echo.slice(Math.max(done, echo.length - ECHO_LIMIT));
    this.#tried = this.#echo.length;
  }

  #putEcho(op: number): boolean {
    if (op === SET_CANON_COLUMN) this.#canonColumn = this.#column;
    else if (op === BACK_COLUMN) this.#back();
    else if (op & ERASE_TAB) return this.#eraseTab(op);
    else if (op & CONTROL) {
      if (this.#room < 2) return false;
      this.#column += 2;
      return this.#emit(CARET) && this.#emit((op & 0xff) ^ 0x40);
    } else if (op === 0xff) {
      // Linux's echo queue marks its operations with this byte, so it goes round OPOST.
      if (!this.#emit(op)) return false;
      this.#column++;
    } else if (this.#tty.termios.oflag & OPOST) return this.#put(op);
    else return this.#emit(op);
    return true;
  }

  #eraseTab(op: number): boolean {
    const used = (op & 7) + (op & AFTER_TAB ? 0 : this.#canonColumn);
    const columns = 8 - (used & 7);
    if (!this.#emit(BS, columns)) return false;
    this.#column = Math.max(0, this.#column - columns);
    return true;
  }
}

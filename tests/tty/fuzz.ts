/** Random scripts for the line discipline: settings, input with the characters that mean something, reads of all sizes. */
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
  IUTF8,
  IXANY,
  IXON,
  NOFLSH,
  OCRNL,
  OLCUC,
  ONLCR,
  ONLRET,
  ONOCR,
  OPOST,
  PARMRK,
  XTABS,
} from "../../kernel/abi/termios.ts";

const IFLAGS = [ICRNL, INLCR, IGNCR, ISTRIP, IUCLC, IXON, IXANY, IUTF8, PARMRK];
const OFLAGS = [OPOST, OPOST, ONLCR, OCRNL, ONOCR, ONLRET, OLCUC, XTABS];
const LFLAGS = [ISIG, ICANON, ECHO, ECHOE, ECHOK, ECHONL, ECHOCTL, ECHOKE, ECHOPRT, IEXTEN, NOFLSH];
const USUAL_CC = [3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0];
/** What means something by USUAL_CC, then by the others that are tried. */
const SPECIAL = [3, 28, 127, 127, 21, 4, 17, 19, 26, 18, 15, 23, 22, 10, 10, 13, 9, 8, 0, 255];
const TEXT = "abc xyz_09 AZ,.";
const UTF8 = [[0xc3, 0xa9], [0xe2, 0x82, 0xac], [0xf0, 0x9f, 0x98, 0x80], [0x80], [0xe2, 0x82]];

/** A generator of its own, so that a seed gives the same script everywhere (mulberry32). */
function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** A script of about `length` operations. */
export function randomScript(seed: number, length = 30): string[] {
  const below = random(seed);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)];
  const subset = (flags: readonly number[], odds: number) =>
    flags.reduce((all, flag) => (below(100) < odds ? all | flag : all), 0);

  // What Linux makes of a signal or ^S behind much echo depends on how far its worker is: long inputs have none.
  let acting: number[] = [];
  const input = (most: number): string => {
    const bytes: number[] = [];
    for (let n = below(most) + 1; n > 0; n--) {
      const kind = below(10);
      if (kind < 5) bytes.push(TEXT.charCodeAt(below(TEXT.length)));
      else if (kind < 8) bytes.push(pick(SPECIAL));
      else if (kind < 9) bytes.push(...pick(UTF8));
      else bytes.push(below(256));
    }
    const kept = most > 100 ? bytes.filter((c) => !acting.includes(c & 0x7f)) : bytes;
    return Buffer.from(kept).toString("hex");
  };

  const settings = (): string => {
    const cc = [...USUAL_CC];
    if (below(3) === 0) cc[11] = pick([0, 0x2c, 255]); // VEOL
    if (below(3) === 0) cc[16] = pick([0, 0x2e, 26]); // VEOL2
    if (below(4) === 0) cc[2] = pick([8, 0, 23, 0x41]); // VERASE
    if (below(6) === 0) cc[below(17)] = pick([0, 3, 10, 13, 255]);
    // Reads do not wait here, so VTIME has nothing to do; VMIN only counts for poll.
    cc[5] = 0;
    cc[6] = pick([0, 1, 1, 1, 5, 100]);
    acting = [cc[0], cc[1], cc[8], cc[9], cc[10]].map((c) => c & 0x7f);
    const usual = below(3) === 0;
    const iflag = usual ? ICRNL | IXON | subset([IUTF8], 50) : subset(IFLAGS, 30);
    const oflag = usual ? OPOST | ONLCR : subset(OFLAGS, 40);
    let lflag = usual
      ? ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN
      : subset(LFLAGS, 60) | (below(3) > 0 ? ICANON : 0);
    if (below(25) === 0) lflag |= EXTPROC;
    const hex = (n: number) => n.toString(16);
    return `S ${hex(iflag)} ${hex(oflag)} ${hex(lflag)} ${pick([0, 0, 1, 2])} ${cc.map(hex).join(" ")}`;
  };

  const operations: (() => string[])[] = [
    () => [settings(), "E"],
    () => [`M ${input(40)}`, "E"],
    () => [`M ${input(40)}`, "E"],
    () => [`M ${input(12)}`],
    () => [`M ${input(4)}`, "E"],
    () => [`M ${input(400)}`, "E"],
    () => [`R ${pick([1, 2, 3, 5, 10, 64, 65, 200])}`],
    () => ["R 300"],
    () => ["Q"],
    () => ["P"],
    () => [`W ${input(60)}`],
    () => ["E"],
    () => [pick(["F 0", "F 1", "F 2", "f 0", "F 3"])],
    () => [`X ${below(5)}`],
    () => [`r ${below(9) + 1}`],
    () => [`K ${below(2)}`],
    () => [`Z ${below(3)} ${below(2)}`],
    () => ["T aZ"],
    () => [pick(["G 2", "G 3", "G 20", "G 9"])],
  ];
  const script: string[] = [settings()];
  while (script.length < length) script.push(...pick(operations)());
  return [...script, "E", "Q", "R 300", "R 300", "R 4096", "E", "P"];
}

// letters: counts the letters of its input, or of the files that it is given, and shows the most frequent ones.

import { args, close, exit, open, print, read } from "./wali";

const counts = new StaticArray<u32>(26);
const buffer = new Uint8Array(4096);

/** Adds what can be read from a descriptor; false on an error. */
function count(fd: i32): bool {
  while (true) {
    const got = read(fd, buffer);
    if (got <= 0) return got === 0;
    for (let i = 0; i < got; i++) {
      const letter = (i32(buffer[i]) | 32) - 97;
      if (letter >= 0 && letter < 26) counts[letter]++;
    }
  }
}

function top(): string {
  let best = 0;
  for (let i = 1; i < 26; i++) if (counts[i] > counts[best]) best = i;
  const line = `${String.fromCharCode(97 + best)} ${counts[best].toString()}`;
  counts[best] = 0;
  return line;
}

export function _start(): void {
  const files = args().slice(1);
  let status = 0;
  if (files.length === 0 && !count(0)) status = 1;
  for (let i = 0; i < files.length; i++) {
    const fd = open(files[i]);
    if (fd < 0 || !count(fd)) {
      print(2, `letters: cannot read ${files[i]}\n`);
      status = 1;
    }
    if (fd >= 0) close(fd);
  }
  for (let i = 0; i < 3; i++) print(1, `${top()}\n`);
  exit(status);
}

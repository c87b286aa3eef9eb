// letters: counts the letters of its input, or of the files that it is given, and shows the most frequent ones.

import { args, console, exit, File, stdin, strerror } from "ring3";

const counts = new StaticArray<u32>(26);
const buffer = new Uint8Array(4096);

/** Adds what can be read from a file; false on an error. */
function count(file: File): bool {
  let got: i32;
  while ((got = file.read(buffer)) > 0) {
    for (let i = 0; i < got; i++) {
      const letter = (i32(buffer[i]) | 32) - 97;
      if (letter >= 0 && letter < 26) counts[letter]++;
    }
  }
  return got == 0;
}

/** The most frequent letter and its count, which is then forgotten. */
function top(): string {
  let best = 0;
  for (let i = 1; i < 26; i++) if (counts[i] > counts[best]) best = i;
  const line = `${String.fromCharCode(97 + best)} ${counts[best]}`;
  counts[best] = 0;
  return line;
}

const files = args().slice(1);
let status = 0;
if (files.length == 0 && !count(stdin)) status = 1;
for (let i = 0; i < files.length; i++) {
  const file = File.open(files[i]);
  if (file === null || !count(file)) {
    console.error(`letters: ${files[i]}: ${strerror()}`);
    status = 1;
  }
  if (file !== null) file.close();
}
for (let i = 0; i < 3; i++) console.log(top());
exit(status);

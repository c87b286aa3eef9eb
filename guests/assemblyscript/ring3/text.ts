// Strings between AssemblyScript (UTF-16, with a length) and the kernel (bytes, NUL at the end).

/** A string as the kernel takes it. What it points to lives as long as the buffer is in use. */
export function cstring(text: string): ArrayBuffer {
  return String.UTF8.encode(text, true);
}

/** The string at an address, up to its NUL. */
export function fromCString(at: usize): string {
  let end = at;
  while (load<u8>(end) != 0) end++;
  return String.UTF8.decodeUnsafe(at, end - at);
}

/** Strings as execve(2) takes them: one block with the addresses, a null one last, and then the strings. */
export function cstrings(list: string[]): ArrayBuffer {
  let size: usize = 0;
  for (let i = 0; i < list.length; i++) size += String.UTF8.byteLength(list[i], true);
  const addresses = <usize>(list.length + 1) * sizeof<usize>();
  const block = new ArrayBuffer(i32(addresses + size));
  let at = changetype<usize>(block) + addresses;
  for (let i = 0; i < list.length; i++) {
    store<usize>(changetype<usize>(block) + <usize>i * sizeof<usize>(), at);
    at += String.UTF8.encodeUnsafe(changetype<usize>(list[i]), list[i].length, at, true);
  }
  return block;
}

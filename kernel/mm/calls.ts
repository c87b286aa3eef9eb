/** brk, mmap, munmap, mremap, mprotect, msync, madvise, mincore, mlock (man 2 mmap and friends), and the loader's memory.grow. */
import { EACCES, EEXIST, EFAULT, EINVAL, ENODEV, ENOMEM, EOPNOTSUPP } from "../abi/errno.ts";
import {
  MADV_DONTNEED,
  MADV_FREE,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_PRIVATE,
  MAP_SHARED,
  MAP_SHARED_VALIDATE,
  MREMAP_FIXED,
  MREMAP_MAYMOVE,
  MS_ASYNC,
  MS_INVALIDATE,
  MS_SYNC,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from "../abi/mman.ts";
import { RLIMIT_AS, RLIMIT_DATA } from "../abi/resource.ts";
import { fail } from "../errors.ts";
import type { Mappable } from "../fs/mmap.ts";
import type { Handlers } from "../kernel.ts";
import type { Task } from "../task/task.ts";
import { type MappedFile, type Mapping, PAGE, pageUp } from "./mappings.ts";

const PROTS = PROT_READ | PROT_WRITE | PROT_EXEC;

/** Throws ENOMEM where `more` bytes would pass RLIMIT_AS, the machine's memory or, of private writable memory, RLIMIT_DATA. */
export function chargeMemory(t: Task, more: number, data = false): void {
  if (more <= 0) return;
  if (data && t.mm.mappings.data + more > t.process.rlimits[RLIMIT_DATA].soft) fail(ENOMEM);
  if (t.mm.mappings.total + more > t.process.rlimits[RLIMIT_AS].soft) fail(ENOMEM);
  if (t.kernel.memoryMapped() + more > t.kernel.options.memoryLimit) fail(ENOMEM);
}

/** Writes a shared file mapping's bytes back to the file. */
function writeBack(t: Task, mapping: Mapping, from = mapping.start, to = mapping.end): void {
  if (!mapping.file || !(mapping.flags & MAP_SHARED) || !(mapping.prot & PROT_WRITE)) return;
  mapping.file.write(mapping.offset + (from - mapping.start), t.mm.u8.slice(from, to));
}

/** Unmaps a range, writing back and letting go of files. */
function unmapRange(t: Task, start: number, end: number): void {
  for (const mapping of t.mm.mappings.unmap(start, end)) {
    writeBack(t, mapping);
    mapping.file?.release();
    t.kernel.shared.detach(t.mm, mapping);
  }
}

/** At exec and exit: shared mappings of the address space are written back, all files let go. */
export function releaseMappings(t: Task): void {
  for (const mapping of t.mm.mappings.list) {
    writeBack(t, mapping);
    mapping.file?.release();
    t.kernel.shared.detach(t.mm, mapping);
  }
  t.mm.mappings.list = t.mm.mappings.list.map((mapping) => ({ ...mapping, file: null }));
}

function fillFromFile(t: Task, file: MappedFile, start: number, length: number, offset: number): void {
  const bytes = new Uint8Array(length);
  const count = file.read(offset, bytes);
  t.mm.u8.set(bytes.subarray(0, count), start);
}

function mmap(
  t: Task,
  address: number,
  length: number,
  prot: number,
  flags: number,
  fd: number,
  offset: number,
): number {
  const kind = flags & 0xf;
  if (kind !== MAP_PRIVATE && kind !== MAP_SHARED && kind !== MAP_SHARED_VALIDATE) return -EINVAL;
  if (kind === MAP_SHARED_VALIDATE && !(flags & MAP_ANONYMOUS) && flags & ~0x1fffff) return -EOPNOTSUPP;
  if (offset % PAGE !== 0) return -EINVAL;
  let opened: Mappable = { readable: true, writable: true, file: null, zero: true };
  if (!(flags & MAP_ANONYMOUS)) {
    const found = t.kernel.vfs.mappableFile(t, fd);
    if (typeof found === "number") return found;
    opened = found;
    if (!opened.readable) return -EACCES;
    if (kind !== MAP_PRIVATE && prot & PROT_WRITE && !opened.writable) return -EACCES;
    if (!opened.file && !opened.zero) return -ENODEV;
  }
  const { file } = opened;
  if (length === 0) return -EINVAL;
  const bytes = pageUp(length);
  if (bytes > t.mm.memory.maximum) return -ENOMEM;
  const fixed = (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) !== 0;
  if (fixed) {
    if (address % PAGE !== 0) return -EINVAL;
    if (address + bytes > t.mm.memory.maximum || address < t.mm.mappings.brkStart) return -ENOMEM;
    const taken = t.mm.mappings.list.some((mapping) => mapping.start < address + bytes && mapping.end > address);
    if (taken && flags & MAP_FIXED_NOREPLACE) return -EEXIST;
    if (taken) unmapRange(t, address, address + bytes);
  }
  const shared = kind !== MAP_PRIVATE;
  chargeMemory(t, bytes, !shared && (prot & PROT_WRITE) !== 0);
  const start = t.mm.mappings.map(pageUp(address), bytes, fixed, {
    prot,
    flags: shared ? flags | MAP_SHARED : flags,
    file,
    offset,
    name: "",
    readOnly: shared && !opened.writable,
  });
  if (file) {
    file.retain();
    fillFromFile(t, file, start, bytes, offset);
  }
  if (shared) t.kernel.shared.attach(t.mm, t.mm.mappings.at(start)!);
  return start;
}

function munmap(t: Task, address: number, length: number): number {
  if (address % PAGE !== 0 || length === 0 || address + length > 2 ** 32) return -EINVAL;
  unmapRange(t, address, address + pageUp(length));
  return 0;
}

function mremap(t: Task, old: number, oldSize: number, newSize: number, flags: number, to: number): number {
  if (old % PAGE !== 0 || newSize === 0 || flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED)) return -EINVAL;
  if (flags & MREMAP_FIXED && (!(flags & MREMAP_MAYMOVE) || to % PAGE !== 0)) return -EINVAL;
  const { mappings } = t.mm;
  const from = pageUp(oldSize);
  const size = pageUp(newSize);
  const mapping = mappings.at(old);
  if (!mapping || mapping.start < mappings.brkStart || old + from > mapping.end) return -EFAULT;
  if (size < from && !(flags & MREMAP_FIXED)) {
    unmapRange(t, old + size, old + from);
    return old;
  }
  if (size === from && !(flags & MREMAP_FIXED)) return old;
  chargeMemory(t, size - from);
  if (!(flags & MREMAP_FIXED) && old + from === mapping.end && mappings.extend(mapping, size - from)) {
    if (mapping.file)
      fillFromFile(t, mapping.file, old + from, size - from, mapping.offset + (old + from - mapping.start));
    return old;
  }
  if (!(flags & MREMAP_MAYMOVE)) return -ENOMEM;
  if (flags & MREMAP_FIXED) {
    if (to < old + from && to + size > old) return -EINVAL;
    unmapRange(t, to, to + size);
  }
  const offset = mapping.offset + (old - mapping.start);
  const { prot, flags: mapFlags, file, name } = mapping;
  file?.retain();
  const start = mappings.map(to, size, (flags & MREMAP_FIXED) !== 0, { prot, flags: mapFlags, file, offset, name });
  t.mm.u8.copyWithin(start, old, old + Math.min(from, size));
  if (file && size > from) fillFromFile(t, file, start + from, size - from, offset + from);
  unmapRange(t, old, old + from);
  if (mapFlags & MAP_SHARED) t.kernel.shared.attach(t.mm, mappings.at(start)!);
  return start;
}

function brk(t: Task, to: number): number {
  const { mappings } = t.mm;
  if (to <= mappings.brk) return mappings.setBrk(to);
  if (to - mappings.brkStart > t.process.rlimits[RLIMIT_DATA].soft) return mappings.brk;
  try {
    chargeMemory(t, pageUp(to) - pageUp(mappings.brk));
    return mappings.setBrk(to);
  } catch {
    return mappings.brk;
  }
}

/** Range checks that mprotect, msync, madvise and mlock share. Gives the end, or -errno. */
function rangeEnd(t: Task, address: number, length: number): number {
  if (address % PAGE !== 0) return -EINVAL;
  const end = address + pageUp(length);
  if (end > 2 ** 32) return -ENOMEM;
  return length === 0 || t.mm.mappings.covers(address, end) ? end : -ENOMEM;
}

export const mmCalls: Handlers = {
  brk,
  mmap,
  munmap,
  mremap,
  mprotect(t, address, length, prot) {
    if (prot & ~(PROTS | 0x03000000)) return -EINVAL;
    const end = rangeEnd(t, address, length);
    if (end < 0) return end;
    if (prot & PROT_WRITE && t.mm.mappings.list.some((m) => m.readOnly && m.start < end && m.end > address))
      return -EACCES;
    if (length > 0) t.mm.mappings.protect(address, end, prot & PROTS);
    return 0;
  },
  msync(t, address, length, flags) {
    if (flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC) || (flags & MS_ASYNC && flags & MS_SYNC)) return -EINVAL;
    const end = rangeEnd(t, address, length);
    if (end < 0) return end;
    for (const mapping of t.mm.mappings.list) {
      const from = Math.max(mapping.start, address);
      const to = Math.min(mapping.end, end);
      if (from < to) writeBack(t, mapping, from, to);
    }
    return 0;
  },
  madvise(t, address, length, advice) {
    const end = rangeEnd(t, address, length);
    if (end < 0) return end;
    if (advice < 0 || (advice > 25 && advice < 100) || advice > 101) return -EINVAL;
    if (advice === MADV_DONTNEED || advice === MADV_FREE) {
      for (const { start, end: stop, flags, file, offset } of t.mm.mappings.list) {
        const from = Math.max(start, address);
        const to = Math.min(stop, end);
        if (from >= to || flags & MAP_SHARED || start < t.mm.mappings.brkStart) continue;
        t.mm.zero(from, to);
        if (file) fillFromFile(t, file, from, to - from, offset + (from - start));
      }
    }
    return 0;
  },
  mincore(t, address, length, vector) {
    const end = rangeEnd(t, address, length);
    if (end < 0) return end;
    t.mm.bytes(vector, (end - address) / PAGE).fill(1);
    return 0;
  },
  memory_grow(t, delta) {
    const bytes = delta * 65536;
    try {
      chargeMemory(t, bytes);
    } catch {
      return -1;
    }
    const old = t.mm.mappings.grow(bytes);
    return old < 0 ? -1 : old / 65536;
  },
};

/**
 * Shared mappings between processes. Each address space has its own copy of the bytes, because linear memories can not alias;
 * one CPU makes that exact: what a task wrote is published when it is switched out, and fetched when another is switched in.
 */

import type { KernelMemory } from "../hot/hot.ts";
import { MM_SHARED } from "../hot/layout.ts";
import type { AddressSpace } from "./address-space.ts";
import type { Mapping } from "./mappings.ts";

/** The bytes that several mappings stand for. */
interface Segment {
  readonly id: number;
  /** What file and range it is, where it is one. */
  readonly key: string | null;
  bytes: Uint8Array;
  version: number;
  users: number;
}

/** One mapping of a segment. */
interface Attachment {
  mapping: Mapping;
  segment: Segment;
  seen: number;
}

export class SharedMappings {
  readonly #kmem: KernelMemory;
  readonly #files = new Map<string, Segment>();
  #nextId = 1;
  readonly #attached = new Map<AddressSpace, Attachment[]>();

  constructor(kmem: KernelMemory) {
    this.#kmem = kmem;
  }

  /** Whether there is any shared mapping. */
  get any(): boolean {
    return this.#attached.size > 0;
  }

  #mark(space: AddressSpace): void {
    this.#kmem.u32[(space.ptr + MM_SHARED) >> 2] = this.#attached.get(space)?.length ? 1 : 0;
  }

  /** A new shared mapping. Mappings of the same range of the same file meet in one segment. */
  attach(space: AddressSpace, mapping: Mapping): void {
    const { start, end, file, offset } = mapping;
    const key = file ? `${file.device}:${file.inode}:${offset}:${end - start}` : null;
    let segment = key === null ? undefined : this.#files.get(key);
    const list = this.#attached.get(space) ?? [];
    if (segment) {
      segment.users++;
      space.u8.set(segment.bytes, start);
    } else {
      segment = { id: this.#nextId++, key, bytes: space.u8.slice(start, end), version: 0, users: 1 };
      if (key !== null) this.#files.set(key, segment);
    }
    list.push({ mapping, segment, seen: segment.version });
    this.#attached.set(space, list);
    this.#mark(space);
  }

  /** After fork: the child's copies of the parent's shared mappings stand for the same bytes. */
  inherit(parent: AddressSpace, child: AddressSpace): void {
    const list = this.#attached.get(parent);
    if (!list) return;
    this.publish(parent);
    const copies: Attachment[] = [];
    for (const { mapping, segment } of list) {
      const own = child.mappings.list.find(({ start }) => start === mapping.start);
      if (!own) continue;
      segment.users++;
      copies.push({ mapping: own, segment, seen: segment.version });
    }
    this.#attached.set(child, copies);
    this.#mark(child);
  }

  detach(space: AddressSpace, mapping: Mapping): void {
    const list = this.#attached.get(space);
    if (!list) return;
    const kept = list.filter((attachment) => attachment.mapping !== mapping);
    if (kept.length === list.length) return;
    this.publish(space);
    for (const { mapping: gone, segment } of list) {
      if (gone === mapping && --segment.users === 0 && segment.key !== null) this.#files.delete(segment.key);
    }
    if (kept.length > 0) this.#attached.set(space, kept);
    else this.#attached.delete(space);
    this.#mark(space);
  }

  /** The address space's tasks are switched out: their changes become the segments' bytes. */
  publish(space: AddressSpace): void {
    for (const attachment of this.#attached.get(space) ?? []) {
      const { mapping, segment } = attachment;
      if (segment.users < 2) continue;
      const length = Math.min(segment.bytes.length, mapping.end - mapping.start);
      const now = space.u8.subarray(mapping.start, mapping.start + length);
      if (equal(now, segment.bytes)) continue;
      segment.bytes.set(now);
      attachment.seen = ++segment.version;
    }
  }

  /** The address space's tasks are switched in: they see what others published. */
  fetch(space: AddressSpace): void {
    for (const attachment of this.#attached.get(space) ?? []) {
      const { mapping, segment } = attachment;
      if (attachment.seen === segment.version) continue;
      space.u8.set(segment.bytes.subarray(0, mapping.end - mapping.start), mapping.start);
      attachment.seen = segment.version;
    }
  }

  /** The id of the segment that an address lies in, 0 for private memory; and where in it. For futexes. */
  locate(space: AddressSpace, address: number): { id: number; offset: number } {
    for (const { mapping, segment } of this.#attached.get(space) ?? []) {
      if (address >= mapping.start && address < mapping.end) return { id: segment.id, offset: address - mapping.start };
    }
    return { id: 0, offset: 0 };
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  const words = a.length >> 2;
  const x = new Int32Array(a.buffer, a.byteOffset, words);
  const y = new Int32Array(b.buffer, b.byteOffset, words);
  for (let i = 0; i < words; i++) if (x[i] !== y[i]) return false;
  return true;
}

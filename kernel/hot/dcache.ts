/**
 * Names in memory file systems, and where file systems are mounted (Linux's fs/dcache.c). What stands here is what there is: a directory's
 * entries are its dentries, so a name that is not found does not exist. The cold half's Dentry and Mount objects belong to these records.
 */
import { alloc, free } from "./alloc";
import { cold_dentry_release, cold_mount_release } from "./imports";
import {
  DENTRY_CHAIN,
  DENTRY_HASH,
  DENTRY_HASHED,
  DENTRY_INLINE,
  DENTRY_INLINE_BYTES,
  DENTRY_INODE,
  DENTRY_LENGTH,
  DENTRY_MOUNT,
  DENTRY_NAME,
  DENTRY_NEXT,
  DENTRY_OFFSET,
  DENTRY_PARENT,
  DENTRY_PREV,
  DENTRY_REFS,
  DENTRY_SEED,
  DENTRY_STRUCT,
  INODE_FIRST,
  INODE_LAST,
  INODE_NEXT_OFFSET,
  INODE_REMOVED,
  INODE_USERS,
  MOUNT_NEXT,
  MOUNT_PARENT,
  MOUNT_POINT,
  MOUNT_REFS,
  MOUNT_ROOT,
  MOUNT_STRUCT,
  NAME_BUFFER,
} from "./layout";

// ---------------------------------------------------------------- hash of names

const FIRST_BUCKETS: u32 = 1024;

/** Heads of the chains; their number is a power of two, and grows with the entries. */
let buckets: u32 = 0;
let bucket_count: u32 = 0;
let entries: u32 = 0;

/** Two multiplications with a shift between: a difference in any bit reaches all others in a way that the seed decides. */
function mix(x: u64): u64 {
  x *= 0x9e3779b97f4a7c15;
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93;
  return x ^ (x >> 32);
}

/** The last word of a name (1 to 8 bytes of it are the name's), with what is not the name's cleared. */
function last_word(at: u32, bytes: u32): u64 {
  return load<u64>(at) & (u64.MAX_VALUE >> (64 - 8 * bytes));
}

function hash_of(parent: u32, name: u32, length: u32): u32 {
  let h = mix(((<u64>load<u32>(DENTRY_SEED)) << 32) | parent);
  let left = length;
  while (left > 8) {
    h = mix(h ^ load<u64>(name));
    name += 8;
    left -= 8;
  }
  return <u32>mix(h ^ last_word(name, left));
}

function same_name(dentry: u32, name: u32, length: u32): bool {
  let own = load<u32>(dentry, DENTRY_NAME);
  let left = length;
  while (left > 8) {
    if (load<u64>(own) != load<u64>(name)) return false;
    own += 8;
    name += 8;
    left -= 8;
  }
  return load<u64>(own) == last_word(name, left);
}

/** The entry of a directory by its name (1 byte or more, which may be followed by anything), or 0. */
export function d_lookup(parent: u32, name: u32, length: u32): u32 {
  if (!buckets) return 0;
  const hash = hash_of(parent, name, length);
  let dentry = load<u32>(buckets + 4 * (hash & (bucket_count - 1)));
  while (dentry) {
    if (
      load<u32>(dentry, DENTRY_HASH) == hash &&
      load<u32>(dentry, DENTRY_PARENT) == parent &&
      load<u32>(dentry, DENTRY_LENGTH) == length &&
      same_name(dentry, name, length)
    ) {
      return dentry;
    }
    dentry = load<u32>(dentry, DENTRY_CHAIN);
  }
  return 0;
}

/** d_lookup of the name that the cold half put into NAME_BUFFER. */
export function d_find(parent: u32, length: u32): u32 {
  return d_lookup(parent, NAME_BUFFER, length);
}

/** Twice as many buckets, where memory allows. */
function grow(): void {
  const larger = bucket_count ? 2 * bucket_count : FIRST_BUCKETS;
  const table = alloc(4 * larger);
  if (!table) return;
  for (let i: u32 = 0; i < bucket_count; i++) {
    let dentry = load<u32>(buckets + 4 * i);
    while (dentry) {
      const next = load<u32>(dentry, DENTRY_CHAIN);
      const head = table + 4 * (load<u32>(dentry, DENTRY_HASH) & (larger - 1));
      store<u32>(dentry, load<u32>(head), DENTRY_CHAIN);
      store<u32>(head, dentry);
      dentry = next;
    }
  }
  if (buckets) free(buckets, 4 * bucket_count);
  buckets = table;
  bucket_count = larger;
}

// ---------------------------------------------------------------- records

/** Sets the name from NAME_BUFFER: false where memory is full, and nothing has changed then. */
function set_name(dentry: u32, length: u32): bool {
  const padded = (length + 7) & ~7;
  let at = dentry + DENTRY_INLINE;
  if (padded > <u32>DENTRY_INLINE_BYTES) {
    at = alloc(padded);
    if (!at) return false;
  }
  free_name(dentry);
  let left = length;
  let from: u32 = NAME_BUFFER;
  let to = at;
  while (left > 8) {
    store<u64>(to, load<u64>(from));
    to += 8;
    from += 8;
    left -= 8;
  }
  if (left) store<u64>(to, last_word(from, left));
  store<u32>(dentry, at, DENTRY_NAME);
  store<u32>(dentry, length, DENTRY_LENGTH);
  return true;
}

function free_name(dentry: u32): void {
  const at = load<u32>(dentry, DENTRY_NAME);
  if (at && at != dentry + DENTRY_INLINE) free(at, (load<u32>(dentry, DENTRY_LENGTH) + 7) & ~7);
}

/**
 * A record for an inode, named by NAME_BUFFER, which belongs below `parent` (0: its own parent) but is no entry of it yet; without
 * references. 0 where memory is full.
 */
export function d_new(inode: u32, parent: u32, length: u32): u32 {
  const dentry = alloc(DENTRY_STRUCT);
  if (!dentry) return 0;
  if (!set_name(dentry, length)) {
    free(dentry, DENTRY_STRUCT);
    return 0;
  }
  store<u32>(dentry, inode, DENTRY_INODE);
  store<u32>(inode, load<u32>(inode, INODE_USERS) + 1, INODE_USERS);
  store<u32>(dentry, parent ? parent : dentry, DENTRY_PARENT);
  if (parent) dget(parent);
  return dentry;
}

/** Frees a record without references. The inode's user and the parent's reference are the caller's matter. */
export function d_free(dentry: u32): void {
  free_name(dentry);
  free(dentry, DENTRY_STRUCT);
}

export function dget(dentry: u32): void {
  store<u32>(dentry, load<u32>(dentry, DENTRY_REFS) + 1, DENTRY_REFS);
}

/** One reference less: with the last one the cold half lets go of the inode and frees the record. */
export function dput(dentry: u32): void {
  const refs = load<u32>(dentry, DENTRY_REFS) - 1;
  store<u32>(dentry, refs, DENTRY_REFS);
  if (!refs) cold_dentry_release(dentry);
}

/** Makes it the last entry of its parent. */
function hash(dentry: u32): void {
  if (entries >= bucket_count) grow();
  const parent = load<u32>(dentry, DENTRY_PARENT);
  const code = hash_of(parent, load<u32>(dentry, DENTRY_NAME), load<u32>(dentry, DENTRY_LENGTH));
  const head = buckets + 4 * (code & (bucket_count - 1));
  store<u32>(dentry, code, DENTRY_HASH);
  store<u32>(dentry, load<u32>(head), DENTRY_CHAIN);
  store<u32>(head, dentry);
  store<u32>(dentry, 1, DENTRY_HASHED);
  entries++;

  const dir = load<u32>(parent, DENTRY_INODE);
  const last = load<u32>(dir, INODE_LAST);
  const offset = load<i64>(dir, INODE_NEXT_OFFSET);
  store<i64>(dentry, offset, DENTRY_OFFSET);
  store<i64>(dir, offset + 1, INODE_NEXT_OFFSET);
  store<u32>(dentry, last, DENTRY_PREV);
  store<u32>(dentry, 0, DENTRY_NEXT);
  if (last) store<u32>(last, dentry, DENTRY_NEXT);
  else store<u32>(dir, dentry, INODE_FIRST);
  store<u32>(dir, dentry, INODE_LAST);
}

function unhash(dentry: u32): void {
  let at = buckets + 4 * (load<u32>(dentry, DENTRY_HASH) & (bucket_count - 1));
  while (load<u32>(at) != dentry) at = load<u32>(at) + DENTRY_CHAIN;
  store<u32>(at, load<u32>(dentry, DENTRY_CHAIN));
  store<u32>(dentry, 0, DENTRY_HASHED);
  entries--;

  const dir = load<u32>(load<u32>(dentry, DENTRY_PARENT), DENTRY_INODE);
  const next = load<u32>(dentry, DENTRY_NEXT);
  const prev = load<u32>(dentry, DENTRY_PREV);
  if (next) store<u32>(next, prev, DENTRY_PREV);
  else store<u32>(dir, prev, INODE_LAST);
  if (prev) store<u32>(prev, next, DENTRY_NEXT);
  else store<u32>(dir, next, INODE_FIRST);
  store<i64>(dir, load<i64>(dir, INODE_REMOVED) + 1, INODE_REMOVED);
}

/** Makes a record an entry of its parent, which counts as a reference. Its name must be free. False where memory is full. */
export function d_add(dentry: u32): bool {
  if (!buckets) grow();
  if (!buckets) return false;
  dget(dentry);
  hash(dentry);
  return true;
}

/** Takes an entry out of its directory. It stays known as the parent of what is below it. */
export function d_drop(dentry: u32): void {
  unhash(dentry);
  dput(dentry);
}

/** Moves an entry to another directory (or the same), under the name in NAME_BUFFER. False where memory is full. */
export function d_move(dentry: u32, parent: u32, length: u32): bool {
  unhash(dentry);
  const moved = set_name(dentry, length);
  const old = load<u32>(dentry, DENTRY_PARENT);
  if (moved && old != parent) {
    dget(parent);
    store<u32>(dentry, parent, DENTRY_PARENT);
    dput(old);
  }
  hash(dentry);
  return moved;
}

// ---------------------------------------------------------------- mounts

/** A mount of a file system's directory (a dentry, 0 where it has no record), with one reference. 0 where memory is full. */
export function mount_new(root: u32): u32 {
  const mount = alloc(MOUNT_STRUCT);
  if (!mount) return 0;
  store<u32>(mount, root, MOUNT_ROOT);
  if (root) dget(root);
  store<u32>(mount, 1, MOUNT_REFS);
  return mount;
}

/** Frees a mount without references, which is in no tree. */
export function mount_free(mount: u32): void {
  const root = load<u32>(mount, MOUNT_ROOT);
  free(mount, MOUNT_STRUCT);
  if (root) dput(root);
}

export function mntget(mount: u32): void {
  store<u32>(mount, load<u32>(mount, MOUNT_REFS) + 1, MOUNT_REFS);
}

/** One reference less: with the last one the cold half ends the file system, if this was its last mount, and frees the record. */
export function mntput(mount: u32): void {
  const refs = load<u32>(mount, MOUNT_REFS) - 1;
  store<u32>(mount, refs, MOUNT_REFS);
  if (!refs) cold_mount_release(mount);
}

/** Puts a mount on top of a dentry (0 where that has no record) as seen through `parent`. */
export function mount_attach(mount: u32, parent: u32, point: u32): void {
  store<u32>(mount, parent, MOUNT_PARENT);
  store<u32>(mount, point, MOUNT_POINT);
  if (!point) return;
  dget(point);
  store<u32>(mount, load<u32>(point, DENTRY_MOUNT), MOUNT_NEXT);
  store<u32>(point, mount, DENTRY_MOUNT);
}

export function mount_detach(mount: u32): void {
  const point = load<u32>(mount, MOUNT_POINT);
  store<u32>(mount, 0, MOUNT_PARENT);
  store<u32>(mount, 0, MOUNT_POINT);
  if (!point) return;
  let at = point + DENTRY_MOUNT;
  while (load<u32>(at) != mount) at = load<u32>(at) + MOUNT_NEXT;
  store<u32>(at, load<u32>(mount, MOUNT_NEXT));
  dput(point);
}

/** The mount on a dentry as seen through `mount`, or 0. */
export function mounted_on(mount: u32, dentry: u32): u32 {
  let found = load<u32>(dentry, DENTRY_MOUNT);
  while (found && load<u32>(found, MOUNT_PARENT) != mount) found = load<u32>(found, MOUNT_NEXT);
  return found;
}

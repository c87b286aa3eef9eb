/** Inodes of memory file systems: their attributes are a record in kernel memory, which both halves read and write (hot/inode.ts). */
import { ENOSPC } from "../abi/errno.ts";
import { S_IFMT } from "../abi/stat.ts";
import { fail } from "../errors.ts";
import {
  IF_DEAD,
  INODE_ATIME,
  INODE_ATIME_NS,
  INODE_BTIME,
  INODE_BTIME_NS,
  INODE_CTIME,
  INODE_CTIME_NS,
  INODE_FLAGS,
  INODE_GID,
  INODE_HOOKS,
  INODE_INO,
  INODE_MODE,
  INODE_MTIME,
  INODE_MTIME_NS,
  INODE_NLINK,
  INODE_PAGES,
  INODE_RDEV,
  INODE_SIZE,
  INODE_UID,
  INODE_USERS,
  PAGE_SIZE,
} from "../hot/layout.ts";
import { Inode } from "./inode.ts";
import type { Mount } from "./mount.ts";
import type { RamFs } from "./ramfs.ts";

/** Inodes that the memory file systems of a machine may have together: each costs the host some 500 bytes. */
export const MAX_INODES = 1 << 19;
/** Inodes and names leave 1/16 of kernel memory free, half of what files do: a full file system can still have empty files. */
export const INODE_SHARE = 4;

export abstract class RamInode extends Inode {
  declare readonly sb: RamFs;
  #ptr: number;
  /** The record in u32s: once the inode is evicted, one that all such inodes share, and that says nothing but the type. */
  #at: number;
  readonly #words: Uint32Array;

  constructor(sb: RamFs, mode: number, uid: number, gid: number) {
    super(sb);
    const { kmem, hot } = sb.vfs.kernel;
    this.#ptr = hot.inode_new(sb.dev, sb.newIno(), mode, uid, gid);
    if (this.#ptr === 0) fail(ENOSPC);
    this.#words = kmem.u32;
    this.#at = this.#ptr >> 2;
    sb.vfs.memoryInodes++;
  }

  override evict(): void {
    if (this.#ptr === 0) return;
    super.evict();
    const { vfs } = this.sb;
    this.#at = vfs.deadInode(this.mode & S_IFMT) >> 2;
    vfs.kernel.hot.inode_free(this.#ptr);
    this.#ptr = 0;
    vfs.memoryInodes--;
  }

  override modified(): void {
    this.sb.vfs.kernel.hot.inode_modified(this.#at << 2);
  }
  override changed(): void {
    this.sb.vfs.kernel.hot.inode_changed(this.#at << 2);
  }
  override accessed(mount: Mount): void {
    this.sb.vfs.kernel.hot.inode_accessed(this.#at << 2, mount.ptr);
  }

  // ------------------------------------------------------------ the record

  #get(field: number): number {
    return this.#words[this.#at + (field >> 2)];
  }
  #set(field: number, value: number): void {
    this.#words[this.#at + (field >> 2)] = value;
  }
  /** 64 signed bits: exact within +-2^53. */
  #getLong(field: number): number {
    return (this.#get(field + 4) | 0) * 0x100000000 + this.#get(field);
  }
  #setLong(field: number, value: number): void {
    this.#set(field + 4, Math.floor(value / 0x100000000));
    this.#set(field, value % 0x100000000);
  }

  override get ptr(): number {
    return this.#ptr;
  }
  override get size(): number {
    return this.#getLong(INODE_SIZE);
  }
  protected setSize(size: number): void {
    this.#setLong(INODE_SIZE, size);
  }
  override get blocks(): number {
    return this.#get(INODE_PAGES) * (PAGE_SIZE / 512);
  }
  /** IF_* */
  protected get flags(): number {
    return this.#get(INODE_FLAGS);
  }
  protected set flags(flags: number) {
    this.#set(INODE_FLAGS, flags);
  }
  override get dead(): boolean {
    return (this.flags & IF_DEAD) !== 0;
  }
  override set dead(dead: boolean) {
    this.flags = dead ? this.flags | IF_DEAD : this.flags & ~IF_DEAD;
  }
  override get ino(): number {
    return this.#getLong(INODE_INO);
  }
  override set ino(ino: number) {
    this.#setLong(INODE_INO, ino);
  }
  override get mode(): number {
    return this.#get(INODE_MODE);
  }
  override set mode(mode: number) {
    this.#set(INODE_MODE, mode);
  }
  override get uid(): number {
    return this.#get(INODE_UID);
  }
  override set uid(uid: number) {
    this.#set(INODE_UID, uid);
  }
  override get gid(): number {
    return this.#get(INODE_GID);
  }
  override set gid(gid: number) {
    this.#set(INODE_GID, gid);
  }
  override get nlink(): number {
    return this.#get(INODE_NLINK);
  }
  override set nlink(nlink: number) {
    this.#set(INODE_NLINK, nlink);
  }
  override get rdev(): number {
    return this.#getLong(INODE_RDEV);
  }
  override set rdev(rdev: number) {
    this.#setLong(INODE_RDEV, rdev);
  }
  override get users(): number {
    return this.#get(INODE_USERS);
  }
  override set users(users: number) {
    this.#set(INODE_USERS, users);
  }
  override get hooks(): number {
    return this.#get(INODE_HOOKS);
  }
  override set hooks(hooks: number) {
    this.#set(INODE_HOOKS, hooks);
  }
  override get atime(): number {
    return this.#getLong(INODE_ATIME);
  }
  override set atime(seconds: number) {
    this.#setLong(INODE_ATIME, seconds);
  }
  override get atimeNs(): number {
    return this.#get(INODE_ATIME_NS);
  }
  override set atimeNs(nanoseconds: number) {
    this.#set(INODE_ATIME_NS, nanoseconds);
  }
  override get mtime(): number {
    return this.#getLong(INODE_MTIME);
  }
  override set mtime(seconds: number) {
    this.#setLong(INODE_MTIME, seconds);
  }
  override get mtimeNs(): number {
    return this.#get(INODE_MTIME_NS);
  }
  override set mtimeNs(nanoseconds: number) {
    this.#set(INODE_MTIME_NS, nanoseconds);
  }
  override get ctime(): number {
    return this.#getLong(INODE_CTIME);
  }
  override set ctime(seconds: number) {
    this.#setLong(INODE_CTIME, seconds);
  }
  override get ctimeNs(): number {
    return this.#get(INODE_CTIME_NS);
  }
  override set ctimeNs(nanoseconds: number) {
    this.#set(INODE_CTIME_NS, nanoseconds);
  }
  override get btime(): number {
    return this.#getLong(INODE_BTIME);
  }
  override set btime(seconds: number) {
    this.#setLong(INODE_BTIME, seconds);
  }
  override get btimeNs(): number {
    return this.#get(INODE_BTIME_NS);
  }
  override set btimeNs(nanoseconds: number) {
    this.#set(INODE_BTIME_NS, nanoseconds);
  }
}

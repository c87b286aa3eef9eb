/** Who belongs to a group or session, by its id: so that finding them costs the same with any number of processes. */
const NOBODY: ReadonlySet<never> = new Set<never>();

export class Members<T> {
  readonly #sets = new Map<number, Set<T>>();

  /** The members, in the order in which they came. */
  of(id: number): ReadonlySet<T> {
    return this.#sets.get(id) ?? NOBODY;
  }

  has(id: number): boolean {
    return this.#sets.has(id);
  }

  add(id: number, member: T): void {
    const set = this.#sets.get(id);
    if (set) set.add(member);
    else this.#sets.set(id, new Set([member]));
  }

  remove(id: number, member: T): void {
    const set = this.#sets.get(id);
    if (set?.delete(member) && set.size === 0) this.#sets.delete(id);
  }
}

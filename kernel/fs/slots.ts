/** Objects by small numbers: what kernel memory knows them by. */
export class Slots<T> {
  readonly #items: (T | null)[] = [];
  readonly #free: number[] = [];

  /** Its number. */
  add(item: T): number {
    const index = this.#free.pop() ?? this.#items.length;
    this.#items[index] = item;
    return index;
  }

  at(index: number): T {
    return this.#items[index]!;
  }

  /** Its number is free again. */
  remove(index: number): T {
    const item = this.at(index);
    this.#items[index] = null;
    this.#free.push(index);
    return item;
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (const item of this.#items) if (item !== null) yield item;
  }
}

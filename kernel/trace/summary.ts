/** `-c`: how often each call was made, how often it failed, and how long it took. */

interface Counts {
  calls: number;
  errors: number;
  /** Microseconds between entering and leaving: wall-clock time, as strace counts with -w. */
  time: number;
  readonly nr: number;
}

export class Summary {
  readonly #counts = new Map<string, Counts>();

  /** Adds one call that took `time` microseconds. */
  add(name: string, nr: number, time: number, error: boolean): void {
    let counts = this.#counts.get(name);
    if (counts === undefined) this.#counts.set(name, (counts = { calls: 0, errors: 0, time: 0, nr }));
    counts.calls++;
    counts.time += time;
    if (error) counts.errors++;
  }

  /** strace's table, the call that took longest first. */
  toString(): string {
    const rows = [...this.#counts].sort(([, a], [, b]) => b.time - a.time || a.nr - b.nr);
    const width = Math.max(15, ...rows.map(([name]) => name.length)) + 1;
    const total = { calls: 0, errors: 0, time: 0 };
    for (const [, counts] of rows) {
      total.calls += counts.calls;
      total.errors += counts.errors;
      total.time += counts.time;
    }
    const rule = `------ ----------- ----------- --------- --------- ${"-".repeat(width)}`;
    const line = (name: string, { calls, errors, time }: Omit<Counts, "nr">, percent: number) =>
      [
        percent.toFixed(2).padStart(6),
        (time / 1e6).toFixed(6).padStart(11),
        String(calls === 0 ? 0 : Math.floor(time / calls)).padStart(11),
        String(calls).padStart(9),
        (errors === 0 ? "" : String(errors)).padStart(9),
        name,
      ].join(" ");
    return [
      "% time     seconds  usecs/call     calls    errors syscall",
      rule,
      ...rows.map(([name, counts]) => line(name, counts, total.time === 0 ? 0 : (100 * counts.time) / total.time)),
      rule,
      line("total", total, 100),
      "",
    ].join("\n");
  }
}

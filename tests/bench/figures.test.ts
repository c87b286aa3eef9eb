// From rounds to figures, tables and saved results. Nothing here measures: rounds are made up.

import { describe, expect, test } from "vitest";
import { ROWS, select } from "../../bench/catalog.ts";
import { digits } from "../../bench/format.ts";
import { alternate, type Timed } from "../../bench/measure.ts";
import { change, fromJson, type Result, reached, summarize, toJson } from "../../bench/result.ts";
import type { Row, Samples } from "../../bench/row.ts";
import { Table } from "../../bench/table.ts";

const row = (extra: Partial<Row> = {}): Row => ({
  id: "some-row",
  group: "calls",
  title: "what it does",
  unit: "ns",
  measure: () => Promise.reject(new Error("not measured here")),
  ...extra,
});
const result = (extra: Partial<Result> = {}): Result => ({
  id: "some-row",
  native: 100,
  ring3: 50,
  unit: "ns",
  ratio: 0.5,
  spread: 0.02,
  ...extra,
});

describe("figures", () => {
  const samples: Samples = { native: [100, 110, 400], ring3: [20, 22, 40] };

  test("are medians, the ratio is that of the medians, the spread that of the rounds' ratios", () => {
    // Ratios of the rounds: 0.2, 0.2, 0.1.
    expect(summarize(row(), samples)).toEqual({
      id: "some-row",
      native: 110,
      ring3: 22,
      unit: "ns",
      ratio: 0.2,
      spread: expect.closeTo(0.25, 5),
    });
  });

  test("of a row with nothing to compare with have no ratio, and the spread is that of ring3's own", () => {
    const { native, ratio, ring3, spread } = summarize(row(), { native: null, ring3: [10, 10, 10, 30] });
    expect([native, ratio, ring3]).toEqual([null, null, 10]);
    expect(spread).toBeGreaterThan(0);
    expect(summarize(row(), { native: null, ring3: [7] }).spread).toBe(0);
  });

  test("reach a target that is a ratio, or a figure in the row's unit", () => {
    expect(reached(row(), result())).toBe(null);
    expect(reached(row({ target: { ratio: 0.5 } }), result())).toBe(true);
    expect(reached(row({ target: { ratio: 0.4 } }), result())).toBe(false);
    expect(reached(row({ target: { figure: 50 } }), result({ ratio: null }))).toBe(true);
    expect(reached(row({ target: { figure: 49 } }), result({ ratio: null }))).toBe(false);
  });

  test.each([
    [0, "0"],
    [0.0123456, "0.0123"],
    [4.7, "4.70"],
    [12.34, "12.3"],
    [999.6, "1000"],
    [123456, "123456"],
  ])("%d is written %s", (value, text) => {
    expect(digits(value)).toBe(text);
  });
});

describe("rounds", () => {
  /** A clock that is made up: an iteration takes `ns`, the first hundred ten times as long. */
  function fake(ns: number, name: string, order: string[]): Timed {
    let run = 0;
    return async (count) => {
      order.push(name);
      const slow = Math.max(0, Math.min(count, 100 - run));
      run += count;
      return (count + 9 * slow) * ns;
    };
  }

  test("of both sides are run in turn, when both are warm", async () => {
    const order: string[] = [];
    const { native, ring3 } = await alternate(fake(500, "native", order), fake(2000, "ring3", order));
    const rounds = ring3.length;
    expect(rounds).toBeGreaterThanOrEqual(3);
    expect(native).toEqual(Array(rounds).fill(500));
    expect(ring3).toEqual(Array(rounds).fill(2000));
    expect(order.slice(-2 * rounds)).toEqual(Array.from({ length: 2 * rounds }, (_, i) => ["native", "ring3"][i % 2]));
  });

  test("of what takes seconds are few, of one iteration each", async () => {
    const counts: number[] = [];
    const { native, ring3 } = await alternate(null, async (count) => {
      counts.push(count);
      return count * 2e9;
    });
    expect(native).toBe(null);
    expect(ring3).toEqual([2e9, 2e9, 2e9]);
    expect(counts.every((count) => count === 1)).toBe(true);
  });
});

describe("saved results", () => {
  test("are written as documented, and read again", () => {
    const results = [result(), result({ id: "other", native: null, ratio: null })];
    const text = toJson(results);
    expect(JSON.parse(text)).toEqual({ rows: results });
    expect(Object.keys(JSON.parse(text).rows[0])).toEqual(["id", "native", "ring3", "unit", "ratio", "spread"]);
    expect(fromJson(text)).toEqual(results);
  });

  test.each(["", "{}", "[]", "null", '{"rows": [{"id": 1}]}', '{"rows": [{"id": "a", "unit": "ns", "ring3": null}]}'])(
    "that are none are refused: %s",
    (text) => {
      expect(() => fromJson(text)).toThrow();
    },
  );

  test("are compared by their ratios to native, else by the figures, within one unit", () => {
    expect(change(result({ ratio: 0.25, ring3: 999 }), result({ ratio: 0.5 }))).toBe(0.5);
    expect(change(result({ ratio: null, ring3: 30 }), result({ ratio: null, ring3: 20 }))).toBe(1.5);
    expect(change(result({ unit: "us" }), result())).toBe(undefined);
    expect(change(result(), undefined)).toBe(undefined);
  });
});

describe("the table", () => {
  const rows = [row({ target: { ratio: 0.4 } })];

  test("has a line for a row: figures, ratio, target and whether it is reached, spread", () => {
    const table = new Table(rows, null);
    expect(table.header().trim().split(/ {2,}/)).toEqual([
      "row",
      "native",
      "ring3",
      "ratio",
      "target",
      "spread",
      "what",
    ]);
    const cells = table.line(rows[0], result()).trim().split(/ {2,}/);
    expect(cells).toEqual(["some-row", "100 ns", "50.0 ns", "0.500", "≤ 0.4", "no", "2%", "what it does"]);
  });

  test("has the change where there is something to compare with", () => {
    const table = new Table(rows, new Map([["some-row", result({ ratio: 0.25 })]]));
    expect(table.header()).toContain("change");
    expect(table.line(rows[0], result())).toContain("x 2.00");
    const other = row({ id: "new" });
    expect(table.line(other, result({ id: "new" }))).not.toContain("x ");
  });

  test("shows why a row failed", () => {
    expect(new Table(rows, null).failure(rows[0], "no such thing")).toBe("some-row  failed: no such thing\n");
  });
});

describe("the rows", () => {
  test("have ids of their own, which are no groups' names", () => {
    const ids = ROWS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ROWS.filter(({ group }) => ids.includes(group))).toEqual([]);
  });

  test("are selected by id and group, in their own order", () => {
    const { rows, unknown } = select(["epoll-10", "calls"]);
    expect(unknown).toBe(undefined);
    expect(rows[0].id).toBe("getpid");
    expect(rows.at(-1)!.id).toBe("epoll-10");
    expect(select([]).rows).toBe(ROWS);
    expect(select(["getpid", "no-such-row"]).unknown).toBe("no-such-row");
  });
});

// The page and the picture of a run whose figures are made up.

import { expect, test } from "vitest";
import { ROWS } from "../../bench/catalog.ts";
import { renderPage, renderPicture } from "../../bench/page/page.ts";
import { environment, type Report } from "../../bench/report.ts";
import type { Result } from "../../bench/result.ts";
import type { Row } from "../../bench/row.ts";

function report(rows: readonly Row[], failing: readonly Row[] = []): Report {
  const measured = rows.filter((row) => !failing.includes(row));
  const made = (row: Row, i: number): Result => ({
    id: row.id,
    native: 10,
    ring3: i + 1,
    unit: row.unit,
    ratio: (i + 1) / 10,
    spread: 0.01,
  });
  return {
    rows,
    results: new Map(measured.map((row, i) => [row.id, made(row, i)])),
    failures: failing.map((row) => ({ row, message: `<b>"broken" & gone</b>` })),
    before: null,
    environment: environment(),
  };
}

/** Things that a browser would have to fetch. */
const FETCHED = /<script|<link|<img|\bsrc=|\bhref="(?!#)|url\((?!#)|@import/;

test("the page has every row and chart, and needs nothing from elsewhere", () => {
  const page = renderPage(report(ROWS));
  for (const { id } of ROWS) expect(page).toContain(`<code>${id}</code>`);
  expect(page.match(/<svg/g)!.length).toBeGreaterThanOrEqual(8);
  expect(page).not.toMatch(FETCHED);
  expect(page).not.toMatch(/NaN|undefined/);
});

test("the page of a part of the rows has that part, and says what failed", () => {
  const rows = ROWS.filter(({ id }) => id === "getpid" || id === "stat");
  const page = renderPage(report(rows, [rows[1]]));
  expect(page).toContain("failed: &lt;b&gt;&quot;broken&quot; &amp; gone&lt;/b&gt;");
  expect(page).not.toContain("pipe-4k");
  expect(page.match(/<svg/g)!.length).toBe(1);
});

test("where every row failed there is still a page", () => {
  const rows = ROWS.slice(0, 3);
  expect(renderPage(report(rows, rows))).toContain("rows failed");
  expect(renderPicture(report(rows, rows))).toMatch(/^<svg [^>]*>.*<\/svg>\n$/s);
});

test("with something to compare with there is a column for the change", () => {
  const now = report(ROWS.slice(0, 2));
  expect(renderPage({ ...now, before: now.results })).toContain("× 1.00");
});

test("the picture is one SVG with a title for each chart", () => {
  const picture = renderPicture(report(ROWS));
  expect(picture.startsWith('<svg xmlns="http://www.w3.org/2000/svg" width="')).toBe(true);
  for (const title of ["System calls of one process", "The fast path, step by step", "The ways not gone"]) {
    expect(picture).toContain(`>${title}</text>`);
  }
  expect(picture).not.toMatch(FETCHED);
  expect(picture).not.toMatch(/NaN|undefined/);
});

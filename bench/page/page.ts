/** The report as one HTML page that needs nothing else, and its charts as one SVG picture. */
import { figure, percent, ratio, target } from "../format.ts";
import type { Report } from "../report.ts";
import { change, type Result, reached } from "../result.ts";
import type { Row } from "../row.ts";
import { COLORS, FONT, type Picture, WIDTH } from "./chart.ts";
import { type Section, sections } from "./sections.ts";

const STYLE = `
  :root { color-scheme: light; }
  body { margin: 0; background: #f3f5f8; color: ${COLORS.text}; font: 15px/1.5 ${FONT}; }
  main { max-width: ${WIDTH + 56}px; margin: 0 auto; padding: 40px 16px 64px; }
  h1 { font-size: 30px; line-height: 1.2; margin: 0 0 6px; letter-spacing: -0.02em; }
  h2 { font-size: 21px; margin: 44px 0 12px; letter-spacing: -0.01em; }
  h3 { font-size: 15px; margin: 0; }
  p { margin: 0; }
  .lead { color: ${COLORS.faint}; max-width: 46em; }
  dl { display: flex; flex-wrap: wrap; gap: 4px 28px; margin: 18px 0 0; font-size: 13px; }
  dl div { display: flex; gap: 6px; }
  dt { color: ${COLORS.faint}; }
  dd { margin: 0; }
  .tiles { display: flex; flex-wrap: wrap; gap: 12px; margin-top: 24px; }
  .tile { background: #fff; border: 1px solid ${COLORS.line}; border-radius: 10px; padding: 12px 18px; min-width: 120px; }
  .tile b { display: block; font-size: 25px; line-height: 1.25; letter-spacing: -0.02em; }
  .tile span { font-size: 13px; color: ${COLORS.faint}; }
  .card { background: #fff; border: 1px solid ${COLORS.line}; border-radius: 10px; padding: 18px 24px; margin: 0 0 14px; overflow-x: auto; }
  .card p { color: ${COLORS.faint}; font-size: 13px; margin-bottom: 12px; }
  .card svg { display: block; max-width: 100%; height: auto; }
  table { border-collapse: collapse; width: 100%; font-size: 13px; }
  th { color: ${COLORS.faint}; font-weight: 500; text-align: right; padding: 4px 10px; border-bottom: 1px solid ${COLORS.line}; white-space: nowrap; }
  td { text-align: right; padding: 5px 10px; border-bottom: 1px solid ${COLORS.grid}; white-space: nowrap; font-variant-numeric: tabular-nums; }
  th.left, td.left { text-align: left; }
  td.what { white-space: normal; }
  td:first-child, th:first-child { padding-left: 0; }
  tr:last-child td { border-bottom: 0; }
  code { font: 12px ui-monospace, "DejaVu Sans Mono", "Liberation Mono", monospace; color: ${COLORS.faint}; }
  .ok { color: #16784f; font-weight: 600; }
  .no { color: #b4451f; font-weight: 600; }
  footer { color: ${COLORS.faint}; font-size: 13px; margin-top: 36px; max-width: 60em; }
`;

const escapeText = (text: string): string =>
  text.replaceAll(/[&<>"]/g, (char) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[char]!);

/** The whole page. */
export function renderPage(report: Report): string {
  const facts = report.environment.map(
    ([name, value]) => `<div><dt>${escapeText(name)}</dt><dd>${escapeText(value)}</dd></div>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>ring3 benchmark</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>ring3 against native Linux</h1>
<p class="lead">A Linux-compatible kernel for WebAssembly programs. Each row is one C program, compiled by the host's compiler and for
ring3, and run in turn on both; figures are medians.</p>
<dl>${facts.join("")}</dl>
<div class="tiles">${tiles(report)}</div>
${sections(report)
  .map((section) => renderSection(report, section))
  .join("\n")}
<footer>Spread: interquartile range of the rounds' ratios (of the figures, where there is nothing to compare with), as a share of their
median. Native is native Linux; for the dispatch rows it is a bare call between two WebAssembly instances, for the compute rows the
module as it came, run by V8.</footer>
</main>
</body>
</html>
`;
}

/** The figures that tell most, as far as they were measured. */
function tiles(report: Report): string {
  const judged = report.rows.flatMap((row) => {
    const result = report.results.get(row.id);
    const verdict = result ? reached(row, result) : null;
    return verdict === null ? [] : [verdict];
  });
  const compared = ["calls", "processes"].flatMap((group) =>
    report.rows.flatMap((row) => (row.group === group ? (report.results.get(row.id)?.ratio ?? []) : [])),
  );
  const getpid = report.results.get("getpid");
  const items: [value: string, what: string][] = [];
  if (compared.length > 0) {
    const faster = compared.filter((times) => times < 1).length;
    items.push([`${faster} of ${compared.length}`, "rows faster than native"]);
  }
  if (getpid) items.push([figure(getpid.ring3, getpid.unit), `getpid (native ${figure(getpid.native, getpid.unit)})`]);
  if (judged.length > 0) items.push([`${judged.filter(Boolean).length} of ${judged.length}`, "targets reached"]);
  if (report.failures.length > 0) items.push([`${report.failures.length}`, "rows failed"]);
  return items
    .map(([value, what]) => `<div class="tile"><b>${escapeText(value)}</b><span>${escapeText(what)}</span></div>`)
    .join("");
}

function renderSection(report: Report, { group, title, baseline, pictures }: Section): string {
  const cards = pictures.map(
    ({ title, caption, svg }) =>
      `<div class="card"><h3>${escapeText(title)}</h3><p>${escapeText(caption)}</p>${svg}</div>`,
  );
  return `<section>\n<h2>${escapeText(title)}</h2>\n${cards.join("\n")}\n<div class="card">${table(report, group, baseline)}</div>\n</section>`;
}

function table(report: Report, group: string, baseline: string): string {
  const headers = [
    "row",
    "what",
    baseline,
    "ring3",
    "ratio",
    "target",
    "",
    "spread",
    ...(report.before ? ["change"] : []),
  ];
  const head = headers.map((name, i) => `<th${i < 2 ? ' class="left"' : ""}>${name}</th>`).join("");
  const rows = report.rows.filter((row) => row.group === group);
  const body = rows.map((row) => {
    const result = report.results.get(row.id);
    const cells = result ? resultCells(report, row, result) : failureCell(report, row, headers.length - 2);
    return `<tr><td class="left"><code>${escapeText(row.id)}</code></td><td class="left what">${escapeText(row.title)}</td>${cells}</tr>`;
  });
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join("\n")}</tbody></table>`;
}

function resultCells(report: Report, row: Row, result: Result): string {
  const verdict = reached(row, result);
  const mark = verdict === null ? "" : verdict ? '<span class="ok">✓</span>' : '<span class="no">✗</span>';
  const cells = [
    escapeText(figure(result.native, result.unit)),
    escapeText(figure(result.ring3, result.unit)),
    ratio(result),
    escapeText(target(row)),
    mark,
    percent(result.spread),
  ];
  if (report.before) {
    const times = change(result, report.before.get(row.id));
    cells.push(times === undefined ? "" : `× ${times.toFixed(2)}`);
  }
  return cells.map((cell) => `<td>${cell}</td>`).join("");
}

function failureCell(report: Report, row: Row, columns: number): string {
  const failure = report.failures.find((failure) => failure.row.id === row.id);
  return `<td class="left no" colspan="${columns}">${failure ? `failed: ${escapeText(failure.message)}` : ""}</td>`;
}

const TITLE_HEIGHT = 46;
const GAP = 26;
const MARGIN = 24;

/** Every chart, one below the other, as one picture. Empty where no rows were measured that are in a chart. */
export function renderPicture(report: Report): string {
  const pictures = sections(report).flatMap((section) => section.pictures);
  let y = MARGIN;
  const parts = pictures.map(({ title, caption, svg, height }: Picture) => {
    const part =
      `<text x="${MARGIN}" y="${y + 14}" font-size="15" font-weight="600" fill="${COLORS.text}">${escapeText(title)}</text>` +
      `<text x="${MARGIN}" y="${y + 33}" font-size="11.5" fill="${COLORS.faint}">${escapeText(caption)}</text>` +
      svg.replace("<svg", `<svg x="${MARGIN}" y="${y + TITLE_HEIGHT}"`);
    y += TITLE_HEIGHT + height + GAP;
    return part;
  });
  const width = WIDTH + 2 * MARGIN;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" viewBox="0 0 ${width} ${y}" font-family="${FONT.replaceAll('"', "'")}">` +
    `<rect width="100%" height="100%" fill="#fff"/>${parts.join("\n")}</svg>\n`
  );
}

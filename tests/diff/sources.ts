/** The cases: every tests/diff/cases/AREA/FILE.c, and the CASE(name) lines in it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface CaseFile {
  /** As in "signal". */
  readonly area: string;
  /** As in "signal/mask". */
  readonly name: string;
  readonly path: string;
  readonly cases: readonly string[];
}

const FOLDER = join(import.meta.dirname, "cases");

/** All case files, in order of their names. Throws where a file has no cases, or one of them twice. */
export function caseFiles(): CaseFile[] {
  const areas = readdirSync(FOLDER).sort();
  return areas.flatMap((area) =>
    readdirSync(join(FOLDER, area))
      .filter((file) => file.endsWith(".c"))
      .sort()
      .map((file) => {
        const path = join(FOLDER, area, file);
        const cases = [...readFileSync(path, "utf8").matchAll(/^CASE\((\w+)\)/gm)].map((match) => match[1]);
        if (cases.length === 0 || new Set(cases).size < cases.length) {
          throw new Error(`${path}: no CASE lines, or two of one name`);
        }
        return { area, name: `${area}/${file.slice(0, -2)}`, path, cases };
      }),
  );
}

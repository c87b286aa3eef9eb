/** What the loader costs programs that compute: as V8 runs the module bare, against the loader's image of it. */
import { geometricMean, median, quantile } from "simple-statistics";
import { bare, KERNELS, loaded } from "../compute/programs.ts";
import { alternate } from "../measure.ts";
import { type Row, type Samples, scaled, type Unit } from "../row.ts";
import type { Session } from "../session.ts";

const group = "compute";
const unit: Unit = "us";

function rows(form: "polls" | "unwinding", suffix: string, what: string): readonly Row[] {
  return KERNELS.map((kernel) => ({
    id: `compute-${kernel.name}${suffix}`,
    group,
    title: `${kernel.title}${what}`,
    unit,
    measure: async () => scaled(await alternate(await bare(kernel), await loaded(kernel, form)), 1e-3),
  }));
}

/** The geometric mean of rows' ratios, which are measured first where they have not been yet. */
function mean(id: string, title: string, of: readonly Row[], target: number): Row {
  const measure = async (session: Session): Promise<Samples> => {
    const all: Samples[] = [];
    for (const row of of) all.push(await session.samples(row));
    // Rows have different numbers of rounds: in place of rounds stand their quartiles.
    const at = (share: number) =>
      geometricMean(all.map(({ native, ring3 }) => quantile([...ring3], share) / median([...native!])));
    return { native: [1, 1, 1], ring3: [0.25, 0.5, 0.75].map(at) };
  };
  return { id, group, title, unit: "x", target: { ratio: target }, measure };
}

const polls = rows("polls", "", "");
const unwinding = rows("unwinding", "-asyncify", ", and can fork");

export const COMPUTE: readonly Row[] = [
  ...polls,
  mean("compute-polls", "geometric mean: programs that do not fork", polls, 1.05),
  ...unwinding,
  mean("compute-asyncify", "geometric mean: programs that can fork", unwinding, 1.3),
];

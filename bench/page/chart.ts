/** Charts as SVG text, drawn by ECharts without a browser. */
import { type EChartsOption, init, setPlatformAPI } from "echarts";

/** A drawing of known size; `svg` is one <svg> element. */
export interface Picture {
  readonly title: string;
  /** What to see in it. */
  readonly caption: string;
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

export const WIDTH = 920;
export const FONT = "system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', 'DejaVu Sans', sans-serif";

export const COLORS = {
  text: "#1d2733",
  faint: "#697586",
  line: "#d9dee5",
  grid: "#eef1f4",
  ring3: "#2563c9",
  light: "#8fb4ee",
  native: "#9aa4b1",
  slower: "#d9762b",
  target: "#111827",
} as const;

// Nothing here can measure text. The widest of the fonts that pages may be shown in (DejaVu Sans) takes about so many em a letter.
setPlatformAPI({
  measureText: (text: string, font?: string) => ({
    width: text.length * 0.56 * Number(/(\d+)px/.exec(font ?? "")?.[1] ?? 12),
  }),
});

/** Draws a chart. `option` needs no animation, fonts or background. */
export function draw(title: string, caption: string, height: number, option: EChartsOption): Picture {
  const chart = init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height });
  try {
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: FONT, color: COLORS.text, fontSize: 12 },
      ...option,
    });
    return { title, caption, svg: chart.renderToSVGString(), width: WIDTH, height };
  } finally {
    chart.dispose();
  }
}

/** Text of an axis or label. */
export const text = (color: string = COLORS.text, fontSize = 12) => ({ color, fontSize, fontFamily: FONT });

/** Width of the column of row names at the left of bar charts. */
export const NAMES = 330;
/** Height of a bar with the space around it. */
export const BAR = 24;

/** The vertical axis with names of rows, from the top down. */
export function names(labels: readonly string[]): EChartsOption["yAxis"] {
  return {
    type: "category",
    data: [...labels],
    inverse: true,
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { ...text(), width: NAMES - 16, overflow: "truncate" },
  };
}

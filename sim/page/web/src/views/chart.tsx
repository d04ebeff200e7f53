// A comparison drawn: lines over what was varied, and a table of the same numbers, those of `racelab compare --format json`.
import { marks, short } from '../model/chart';
import type { Cell, Comparison } from '../model/types';

/** What is drawn of a comparison. */
export type Figure = {
  label: string;
  unit: string;
  of(cell: Cell): [value: number, low: number, high: number];
};

const measured = (label: string, unit: string, key: string): Figure => ({
  label,
  unit,
  of: (cell) => [
    (cell[key] as number | null) ?? 0,
    ...((cell[`${key}_interval`] as [number, number] | null) ?? ([0, 0] as [number, number])),
  ],
});

export const figures: Figure[] = [
  {
    label: 'Runs that go wrong',
    unit: '%',
    of: ({ violated: { share, interval } }) => [share * 100, interval[0] * 100, interval[1] * 100],
  },
  measured('Mean time of an operation', 'ms', 'latency_mean_ms'),
  measured('Attempts for an operation', '', 'attempts_per_operation'),
  measured('Operations done right in a second', '', 'goodput_per_second'),
  measured('Statements for an operation', '', 'statements_per_operation'),
];

const WIDTH_MAX = 1080; // pixels: what is written in it keeps its size
const HEIGHT = 290;
const LEFT = 80;
const BOTTOM = 70;
const TOP = 40;

export function Charted({
  comparison,
  figure,
  axis,
}: {
  comparison: Comparison;
  figure: Figure;
  axis: string;
}) {
  const width = Math.min(WIDTH_MAX, window.innerWidth - 60);
  const names = [...new Set(comparison.cells.map(({ strategy }) => strategy))];
  const values = [...new Set(comparison.cells.map((cell) => cell.varied[axis] ?? ''))];
  // Of runs that were all given up nothing is known.
  const known = comparison.cells.filter(({ gave_up }) => gave_up.share < 1);
  const cell = (name: string, value: string) =>
    known.find((one) => one.strategy === name && one.varied[axis] === value);
  const most = Math.max(...known.map((one) => figure.of(one)[2]));
  const ticks = marks(most);
  const top = ticks.at(-1) ?? 1;
  const x = (i: number) => LEFT + 40 + (i * (width - LEFT - 100)) / Math.max(1, values.length - 1);
  const y = (value: number) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - TOP);
  const title = figure.label + (figure.unit ? ` (${figure.unit})` : '');
  return (
    <>
      <svg
        class="chart"
        style={{ maxWidth: `${width}px` }}
        viewBox={`0 0 ${width} ${HEIGHT}`}
        role="img"
        aria-label={`${title}, by ${axis}`}
      >
        <text x={4} y={22}>
          {title}
        </text>
        {ticks.map((tick) => (
          <g key={tick}>
            <line class="grid" x1={LEFT} x2={width - 10} y1={y(tick)} y2={y(tick)} />
            <text x={LEFT - 10} y={y(tick) + 6} text-anchor="end">
              {short(tick)}
            </text>
          </g>
        ))}
        {values.map((value, i) => (
          <text key={value} x={x(i)} y={HEIGHT - BOTTOM + 26} text-anchor="middle">
            {value}
          </text>
        ))}
        <text x={(width + LEFT) / 2} y={HEIGHT - 12} text-anchor="middle">
          {axis}
        </text>
        {names.map((name, series) => (
          <g key={name} class={`series ${colorOf(series)}`}>
            <polyline
              points={values
                .map((value, i) => {
                  const one = cell(name, value);
                  return one ? `${x(i)},${y(figure.of(one)[0])}` : '';
                })
                .join(' ')}
            />
            {values.map((value, i) => {
              const one = cell(name, value);
              if (!one) return null;
              const [middle, low, high] = figure.of(one);
              return (
                <g key={value}>
                  <line x1={x(i)} x2={x(i)} y1={y(Math.min(top, high))} y2={y(Math.max(0, low))} />
                  <Point shape={series} x={x(i)} y={y(middle)} />
                </g>
              );
            })}
          </g>
        ))}
      </svg>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard */}
      <section class="terminal" aria-label="The same numbers" tabIndex={0}>
        <table class="rows">
          <thead>
            <tr>
              <th scope="col">{title}</th>
              {values.map((value) => (
                <th scope="col" key={value}>
                  {axis} {value}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {names.map((name, series) => (
              <tr key={name} class={colorOf(series)}>
                <th scope="row">
                  <svg class="sign" viewBox="0 0 20 20" aria-hidden="true">
                    <g class="series">
                      <Point shape={series} x={10} y={10} />
                    </g>
                  </svg>{' '}
                  {name}
                </th>
                {values.map((value) => {
                  const one = cell(name, value);
                  if (!one) return <td key={value}>–</td>;
                  const [middle, low, high] = figure.of(one);
                  return (
                    <td key={value}>
                      {short(middle)}{' '}
                      <span class="small">
                        ({short(low)}–{short(high)})
                      </span>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p class="small">
        {comparison.seeds} runs of each; in brackets where the figure lies with 95 % confidence.
      </p>
    </>
  );
}

/** Four shapes in four colors: the fifth line has the first one's shape, and another color. */
const colorOf = (series: number) => `client-${(series + Math.floor(series / 4)) % 4}`;

/** Lines are told apart by their points' shapes, not by color alone. */
function Point({ shape, x, y }: { shape: number; x: number; y: number }) {
  if (shape % 4 === 0) return <circle cx={x} cy={y} r={7} />;
  if (shape % 4 === 1) return <rect x={x - 7} y={y - 7} width={14} height={14} />;
  if (shape % 4 === 2) return <path d={`M${x} ${y - 9}L${x + 9} ${y + 7}L${x - 9} ${y + 7}Z`} />;
  return <path d={`M${x} ${y - 10}L${x + 10} ${y}L${x} ${y + 10}L${x - 10} ${y}Z`} />;
}

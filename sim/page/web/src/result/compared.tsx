// A comparison on a page of its own: charts over what was varied, or each strategy's figure with its interval; and the table.
import { useState } from 'preact/hooks';
import { marks, short } from '../model/chart';
import type { Cell, Comparison } from '../model/types';
import { Charted, type Figure, figures } from '../views/chart';

/** What is not drawn as the axis tells lines apart: the scenario, the variant, other settings that were varied. */
function named(cells: Cell[], axis: string): Cell[] {
  const several = (key: 'scenario' | 'variant') => new Set(cells.map((cell) => cell[key])).size > 1;
  const [scenarios, variants] = [several('scenario'), several('variant')];
  return cells.map((cell) => ({
    ...cell,
    strategy: [
      cell.strategy,
      ...(scenarios ? [cell.scenario] : []),
      ...(variants && cell.variant ? [cell.variant] : []),
      ...Object.entries(cell.varied)
        .filter(([key]) => key !== axis)
        .map(([key, value]) => `${key} ${value}`),
    ].join(', '),
  }));
}

/** How the terminal begins: which strategy to use, what was tested; without the chart's letters that follow. */
function headline(text: string): [word: string, rest: string][] {
  const first = (text.split('\n\n')[0] ?? '').replace(/\n {8}[A-Z] {2}.*/g, '');
  return first
    .replace(/\n {8,}/g, ' ')
    .split('\n')
    .map((line) => {
      const [word = '', ...rest] = line.split(/ +/);
      return [word, rest.join(' ')];
    });
}

export function Compared({ comparison, text }: { comparison: Comparison; text: string }) {
  const keys = [...new Set(comparison.cells.flatMap(({ varied }) => Object.keys(varied)))];
  const [axis, setAxis] = useState(keys[0] ?? '');
  const [figure, setFigure] = useState(0);
  const shown = figures[figure] as Figure;
  const cells = { ...comparison, cells: named(comparison.cells, axis) };
  return (
    <>
      <section class="verdict open" aria-label="Verdict">
        {headline(text).map(([word, rest]) => (
          <p key={word}>
            <strong>{word}</strong> {rest}
          </p>
        ))}
      </section>
      <section aria-labelledby="chart-title">
        <h2 id="chart-title">Measured</h2>
        <div class="tools">
          <label>
            Show{' '}
            <select
              value={String(figure)}
              onChange={(event) => setFigure(Number(event.currentTarget.value))}
            >
              {figures.map(({ label }, i) => (
                <option key={label} value={String(i)}>
                  {label}
                </option>
              ))}
            </select>
          </label>
          {keys.length > 1 ? (
            <label>
              by{' '}
              <select value={axis} onChange={(event) => setAxis(event.currentTarget.value)}>
                {keys.map((key) => (
                  <option key={key}>{key}</option>
                ))}
              </select>
            </label>
          ) : null}
        </div>
        {axis ? (
          <Charted comparison={cells} figure={shown} axis={axis} />
        ) : (
          <Beside comparison={cells} figure={shown} />
        )}
      </section>
    </>
  );
}

const WIDTH = 400;

/** Nothing was varied: a row for each strategy, its figure as a point on a line that is its interval. */
function Beside({ comparison, figure }: { comparison: Comparison; figure: Figure }) {
  const most = Math.max(...comparison.cells.map((cell) => figure.of(cell)[2]));
  const top = marks(most).at(-1) ?? 1;
  const x = (value: number) => 10 + (Math.min(top, Math.max(0, value)) / top) * (WIDTH - 20);
  const title = figure.label + (figure.unit ? ` (${figure.unit})` : '');
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard */}
      <section class="terminal" tabIndex={0} aria-label={title}>
        <table class="rows">
          <thead>
            <tr>
              <th scope="col">strategy</th>
              <th scope="col">{title}</th>
              <th scope="col">
                from 0 to {short(top)} {figure.unit}
              </th>
            </tr>
          </thead>
          <tbody>
            {comparison.cells.map((cell) => {
              const [middle, low, high] = figure.of(cell);
              return (
                <tr key={cell.strategy}>
                  <th scope="row">{cell.strategy}</th>
                  <td>
                    <b>{short(middle)}</b>{' '}
                    <span class="small">
                      ({short(low)}–{short(high)})
                    </span>
                  </td>
                  <td>
                    <svg class="beside" viewBox={`0 0 ${WIDTH} 24`} aria-hidden="true">
                      <line class="grid" x1={10} x2={WIDTH - 10} y1={12} y2={12} />
                      <g class="series client-0">
                        <line x1={x(low)} x2={x(high)} y1={12} y2={12} stroke-width={5} />
                        <circle cx={x(middle)} cy={12} r={7} />
                      </g>
                    </svg>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
      <p class="small">
        {comparison.seeds} runs of each; in brackets where the figure lies with 95 % confidence.
      </p>
    </>
  );
}

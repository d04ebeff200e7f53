// Strategies in time, over many runs: what goes wrong and what it costs, as a varied setting grows. The chart and the table hold the
// same numbers, those of `racelab compare --format json`.
import { useEffect, useState } from 'preact/hooks';
import { marks, short } from '../model/chart';
import type { Session, View } from '../model/session';
import type { Cell, Comparison } from '../model/types';
import { Dialog } from './dialog';

type Figure = {
  label: string;
  unit: string;
  of(cell: Cell): [value: number, low: number, high: number];
};

const figures: Figure[] = [
  {
    label: 'Runs that go wrong',
    unit: '%',
    of: ({ violated: { share, interval } }) => [share * 100, interval[0] * 100, interval[1] * 100],
  },
  {
    label: 'Mean time of an operation',
    unit: 'ms',
    of: ({ latency_mean_ms: mean, latency_mean_ms_interval: interval }) => [
      mean ?? 0,
      ...(interval ?? [0, 0]),
    ],
  },
  {
    label: 'Attempts for an operation',
    unit: '',
    of: ({ attempts_per_operation: mean, attempts_per_operation_interval: interval }) => [
      mean ?? 0,
      ...(interval ?? [0, 0]),
    ],
  },
];

const varied: Record<string, string> = {
  clients: '1,2,4,8',
  operations: '1,5,20',
  'lose-reply.rate': '0%,1%,5%,20%',
  'crash.rate': '0%,1%,5%',
  latency: '1ms,5ms,20ms',
};
const SEEDS = '100';
const STRATEGIES_MAX = 4;

type Given = { view: View; session: Session; progress: string; stop(): void; close(): void };

export function Compare({ view, session, progress, stop, close }: Given) {
  const { shown, place } = view.opened;
  const [key, setKey] = useState('clients');
  const [figure, setFigure] = useState(0);
  const [found, setFound] = useState<Comparison | string | undefined>();
  const [working, setWorking] = useState(false);
  const strategies = [
    ...new Set([view.state.strategy, ...shown.strategies.filter((name) => !name.includes('+'))]),
  ].slice(0, STRATEGIES_MAX);
  const words = [
    'compare',
    place.scenario,
    ...strategies.flatMap((strategy) => ['--strategy', strategy]),
    '--vary',
    `${key}=${varied[key]}`,
    '--seeds',
    SEEDS,
  ];
  useEffect(() => setFound(undefined), [key]);
  const run = async () => {
    setWorking(true);
    try {
      const text = await session.run([...words, '--format', 'json']);
      setFound(text.startsWith('{') ? JSON.parse(text) : text);
    } catch {
      setFound('Stopped.');
    }
    setWorking(false);
  };
  return (
    <Dialog title={`Strategies compared: ${place.scenario}`} close={close}>
      <div class="tools">
        <label>
          Vary{' '}
          <select value={key} onChange={(event) => setKey(event.currentTarget.value)}>
            {Object.keys(varied).map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
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
        {working ? (
          <span role="status">
            working … {progress}{' '}
            <button type="button" onClick={stop}>
              Stop
            </button>
          </span>
        ) : (
          <button type="button" onClick={run}>
            Run {SEEDS} of each
          </button>
        )}
      </div>
      {typeof found === 'string' ? <p class="problem">{found}</p> : null}
      {typeof found === 'object' ? (
        <Charted comparison={found} figure={figures[figure] as Figure} axis={key} />
      ) : (
        <p class="small">
          <code>racelab {words.join(' ')}</code>
        </p>
      )}
    </Dialog>
  );
}

const WIDTH_MAX = 1080; // pixels: what is written in it keeps its size
const HEIGHT = 290;
const LEFT = 80;
const BOTTOM = 70;
const TOP = 40;

function Charted({
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
  const cell = (name: string, value: string) =>
    comparison.cells.find((one) => one.strategy === name && one.varied[axis] === value);
  const most = Math.max(...comparison.cells.map((one) => figure.of(one)[2]));
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
          <g key={name} class={`series client-${series}`}>
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
              <tr key={name} class={`client-${series}`}>
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

/** Lines are told apart by their points' shapes, not by color alone. */
function Point({ shape, x, y }: { shape: number; x: number; y: number }) {
  if (shape % 4 === 0) return <circle cx={x} cy={y} r={7} />;
  if (shape % 4 === 1) return <rect x={x - 7} y={y - 7} width={14} height={14} />;
  if (shape % 4 === 2) return <path d={`M${x} ${y - 9}L${x + 9} ${y + 7}L${x - 9} ${y + 7}Z`} />;
  return <path d={`M${x} ${y - 10}L${x + 10} ${y}L${x} ${y + 10}L${x - 10} ${y}Z`} />;
}

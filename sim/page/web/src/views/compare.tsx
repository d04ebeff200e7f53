// Strategies in time, over many runs: what goes wrong and what it costs, as a varied setting grows. The chart and the table hold the
// same numbers, those of `racelab compare --format json`.
import { useEffect, useState } from 'preact/hooks';
import type { Session, View } from '../model/session';
import type { Comparison } from '../model/types';
import { Charted, type Figure, figures } from './chart';
import { Dialog } from './dialog';

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

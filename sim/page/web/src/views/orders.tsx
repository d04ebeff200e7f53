// All orders at once: a mark for each, a square with a cross where it goes wrong, a disc where it does not. Arrows walk along them, Enter
// goes there. Of too many, how many end how.
import type { Opened } from '../model/session';
import { beginsWith, fraction, grouped, outcomeWords } from '../model/words';

/** Of an experiment, what its orders are drawn from. */
type All = Pick<Opened, 'orders' | 'whole' | 'row'>;

type Given = {
  opened: All;
  order: string; // where the session stands
  chosen: number | null; // the order that is walked to
  choose(number: number | null): void;
  go(number: number): void;
  enter?: string; // what Enter does
};

const WIDTH = 620;
const HEIGHT = 168;

/** How large marks can be, so that all of them have room. */
function sizeFor(count: number): number {
  for (let size = 40; size > 4; --size) {
    if (Math.floor(WIDTH / size) * Math.floor(HEIGHT / size) >= count) return size;
  }
  return 4;
}

function Mark({ bad, x, y, size }: { bad: boolean; x: number; y: number; size: number }) {
  const inset = size > 12 ? 2 : 0.5;
  const width = size - 2 * inset;
  if (!bad) {
    return <circle class="good" cx={x + size / 2} cy={y + size / 2} r={width * 0.36} />;
  }
  const from = inset + width * 0.28;
  const to = inset + width * 0.72;
  return (
    <>
      <rect class="bad" x={x + inset} y={y + inset} width={width} height={width} />
      {size > 12 ? (
        <path
          class="cross"
          d={`M${x + from} ${y + from}L${x + to} ${y + to}M${x + to} ${y + from}L${x + from} ${y + to}`}
        />
      ) : null}
    </>
  );
}

const ENDINGS_MAX = 3;

/** Too many to draw: how many go wrong, and how they end; those that look the same are one. */
function Grouped({ opened }: { opened: All }) {
  const { whole, row } = opened;
  const outcomes = opened.orders?.outcomes ?? [];
  if (!whole) return null;
  const share = Number(whole.orders_violating) / Number(whole.orders);
  const endings = new Map<string, { words: string; bad: boolean; orders: bigint }>();
  for (const outcome of outcomes) {
    const words = outcomeWords(outcome, row);
    const known = endings.get(words) ?? { words, bad: outcome.violated, orders: 0n };
    endings.set(words, { ...known, orders: known.orders + BigInt(outcome.orders) });
  }
  const shown = [...endings.values()].sort(
    (a, b) => Number(b.bad) - Number(a.bad) || Number(b.orders - a.orders),
  );
  return (
    <div class="grouped">
      <div class="split" aria-hidden="true">
        <span class="bad" style={{ flexGrow: share }} />
        <span class="good" style={{ flexGrow: 1 - share }} />
      </div>
      <ul>
        {shown.slice(0, ENDINGS_MAX).map(({ words, bad, orders }) => (
          <li key={words}>
            <span class={bad ? 'bad' : 'good'}>
              {bad ? '✗' : '✓'} {grouped(String(orders))}
            </span>{' '}
            {words}
          </li>
        ))}
      </ul>
      {shown.length > ENDINGS_MAX ? (
        <p class="small">and {shown.length - ENDINGS_MAX} more ways to end</p>
      ) : null}
    </div>
  );
}

export function Orders({ opened, order, chosen, choose, go, enter = 'goes there' }: Given) {
  const { orders, whole } = opened;
  if (!whole) return <p>There are too many orders to count them here; the terminal can.</p>;
  const all = orders && String(orders.list.length) === whole.orders ? orders : null;
  if (!all) return <Grouped opened={opened} />;
  const count = all.list.length;
  const size = sizeFor(count);
  const columns = Math.min(count, Math.floor(WIDTH / size));
  const rows = Math.ceil(count / columns);
  const words = (number: number): string => {
    const [word, place] = all.list[number] as [string, number];
    const outcome = all.outcomes[place];
    return outcome ? `${word}, ${outcomeWords(outcome, opened.row)}` : word;
  };
  const isBad = (number: number) => all.outcomes[all.list[number]?.[1] ?? 0]?.violated ?? false;
  const now =
    chosen ??
    Math.max(
      0,
      all.list.findIndex(([word]) => beginsWith(word, order)),
    );
  const key = (event: KeyboardEvent) => {
    const moves: Record<string, number> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -columns,
      ArrowDown: columns,
      Home: -count,
      End: count,
    };
    const move = moves[event.key];
    if (move !== undefined) {
      choose(Math.min(count - 1, Math.max(0, now + move)));
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key === 'Enter') {
      go(now);
      event.stopPropagation();
    }
  };
  const at = (event: MouseEvent): number | undefined => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const scale = (columns * size) / box.width;
    const column = Math.floor(((event.clientX - box.left) * scale) / size);
    const row = Math.floor(((event.clientY - box.top) * scale) / size);
    const number = row * columns + column;
    return column < columns && number < count ? number : undefined;
  };
  const pick = (event: MouseEvent, use: (number: number) => void) => {
    const number = at(event);
    if (number !== undefined) use(number);
  };
  const place = (number: number) => ({
    x: (number % columns) * size,
    y: Math.floor(number / columns) * size,
  });
  return (
    <>
      <div
        class="orders"
        role="slider"
        tabIndex={0}
        aria-label="All orders"
        aria-valuemin={1}
        aria-valuemax={count}
        aria-valuenow={now + 1}
        aria-valuetext={`order ${now + 1} of ${count}: ${words(now)}`}
        style={{ maxWidth: `${columns * size}px` }}
        onKeyDown={key}
        onClick={(event) => pick(event, go)}
        onMouseMove={(event) => pick(event, choose)}
        onMouseLeave={() => choose(null)}
      >
        <svg viewBox={`0 0 ${columns * size} ${rows * size}`} aria-hidden="true">
          {all.list.map(([word, outcome], number) => (
            <g key={word} class={beginsWith(word, order) ? 'possible' : 'gone'}>
              <Mark bad={all.outcomes[outcome]?.violated ?? false} size={size} {...place(number)} />
            </g>
          ))}
          {chosen !== null ? (
            <rect
              class="chosen"
              x={place(chosen).x + 1}
              y={place(chosen).y + 1}
              width={size - 2}
              height={size - 2}
            />
          ) : null}
        </svg>
      </div>
      <p class="walked">
        {chosen === null ? (
          <Legend enter={enter} />
        ) : (
          <Walked bad={isBad(chosen)} words={words(chosen)} />
        )}
      </p>
    </>
  );
}

function Walked({ bad, words }: { bad: boolean; words: string }) {
  return (
    <>
      <span class={bad ? 'bad' : 'good'}>{bad ? '✗' : '✓'}</span> {words}
    </>
  );
}

function Legend({ enter }: { enter: string }) {
  return (
    <span>
      <span class="bad">■</span> goes wrong <span class="good">●</span> holds;{' '}
      <span class="with-keys">arrows walk along them, Enter {enter}</span>
      <span class="with-touch">a touch {enter}</span>
    </span>
  );
}

/** The share as a fraction with its numbers: it is seen before it is a number. */
export function Share({ opened }: { opened: All }) {
  const { whole } = opened;
  if (!whole) return null;
  return (
    <span class="fraction">
      {fraction(whole)} {whole.orders === '1' ? 'goes' : 'go'} wrong
    </span>
  );
}

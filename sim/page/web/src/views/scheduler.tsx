// You are the scheduler: what can run next, as buttons, and where that leads.
import type { Next, State, Task, Way } from '../model/types';
import { fraction, percent } from '../model/words';

/** Chances as a fraction of the orders, with a bar; DOOMED when it is certain. */
export function Odds({ way, label }: { way: Way | null; label: string }) {
  if (!way) return <p class="odds">{label}: too many states can follow to know.</p>;
  const chance = way.probability_violating;
  return (
    <div class="odds" data-doomed={way.doomed}>
      <p>
        {label} <b>{fraction(way)}</b> {way.orders === '1' ? 'goes' : 'go'} wrong
        {way.doomed ? <strong class="doomed">DOOMED</strong> : null}
      </p>
      <div class="bar" aria-hidden="true">
        <div class="bar-part" style={{ width: `${chance * 100}%` }} />
      </div>
      <p class="small">{percent(chance)} when every next step is equally likely</p>
    </div>
  );
}

/** What a way on costs, beside a button. */
function Chance({ way }: { way: Way | null }) {
  if (!way) return null;
  if (way.doomed) return <span class="chance bad">✗ doomed</span>;
  if (way.probability_violating === 0) return <span class="chance good">✓ safe</span>;
  return <span class="chance">{percent(way.probability_violating)}</span>;
}

function standsAt(task: Task | undefined): string {
  if (!task) return '';
  if (task.dead) return 'a dead session';
  return task.statement ?? 'a reply, without a statement';
}

/** What a letter would run, in words: “commit; then B goes on”. */
export function nextWords(next: Next, tasks: Task[]): string {
  if (next.task === 'clock') return 'time passes';
  const task = tasks.find((one) => one.task === next.task);
  const then = next.goes_on ? `; then ${next.goes_on} goes on` : '';
  return (next.what ? `${next.what}: ${standsAt(task)}` : standsAt(task)) + then;
}

export const isPlain = (next: Next) => next.what === null;

// In a circle of clients that wait for each other one is ended: no fault, but what comes next.
const isEnd = (next: Next) => /^[A-Z]\d*x/.test(next.letter);

/** What is beside a client’s own letter has a number as its key. */
const numbered = (state: State) => state.next.filter(({ letter }) => !/^[A-Z]$/.test(letter));

/** The letter behind a number; undefined: there are fewer. */
export function numberedLetter(state: State, number: number): string | undefined {
  return numbered(state)[number - 1]?.letter;
}

function Key({ state, next }: { state: State; next: Next }) {
  const number = numbered(state).indexOf(next) + 1;
  if (number === 0) return <kbd>{next.letter}</kbd>;
  return number < 10 ? <kbd>{number}</kbd> : null;
}

/** Clients that have nothing to run, and why. */
export function idle(state: State): { who: string; why: string }[] {
  return state.told.flatMap((told, client) => {
    const letter = String.fromCharCode(65 + client);
    if (state.next.some((next) => next.letter === letter)) return [];
    const waiting = state.tasks.find(
      (task) => task.client === client && (task.waits ?? task.waits_for.length > 0),
    );
    if (waiting) {
      return [
        {
          who: letter,
          why: `waits for ${waiting.waits_for.join(', ') || 'a lock'}: ${waiting.statement}`,
        },
      ];
    }
    const answers = told.filter((answer) => answer !== null);
    return answers.length === told.length
      ? [{ who: letter, why: `done: was told ${answers.join(', ')}` }]
      : [];
  });
}

type Given = {
  state: State;
  take(letter: string): void;
  /** A lesson's question is open: no chances are told. */
  asked: boolean;
};

export function Scheduler({ state, take, asked }: Given) {
  const shown = state.next.filter((next) => isPlain(next) || isEnd(next));
  return (
    <div class="scheduler">
      {shown.map((next) => (
        <button
          type="button"
          key={next.letter}
          class={`next client-${next.letter.charCodeAt(0) - 65}`}
          onClick={() => take(next.letter)}
          title={nextWords(next, state.tasks)}
        >
          <Key state={state} next={next} />
          <span class="text">
            {next.letter.length > 1 ? `${next.task}: ` : ''}
            {isEnd(next) ? next.what : <Runs next={next} tasks={state.tasks} />}
          </span>
          {asked ? null : <Chance way={next.odds} />}
        </button>
      ))}
      {idle(state).map(({ who, why }) => (
        <p class="next idle" key={who}>
          <kbd>{who}</kbd>
          <span class="text">{why}</span>
        </p>
      ))}
    </div>
  );
}

function Runs({ next, tasks }: { next: Next; tasks: Task[] }) {
  const then = next.goes_on ? <b> then {next.goes_on} goes on</b> : null;
  return (
    <>
      <code>{standsAt(tasks.find(({ task }) => task === next.task))}</code>
      {then}
    </>
  );
}

/** What else can happen: faults, time that passes, a wait that ends. */
export function Extras({ state, take }: { state: State; take(letter: string): void }) {
  const others = state.next.filter((next) => !isPlain(next) && !isEnd(next));
  if (others.length === 0) return null;
  const many = 6; // so that all of them are seen at once
  return (
    <div class={others.length > many ? 'others many' : 'others'}>
      {others.map((next) => (
        <button
          type="button"
          key={next.letter}
          class="other"
          onClick={() => take(next.letter)}
          title={nextWords(next, state.tasks)}
        >
          <Key state={state} next={next} /> {next.task}: {next.what}
          {next.goes_on ? `; then ${next.goes_on} goes on` : ''}
        </button>
      ))}
    </div>
  );
}

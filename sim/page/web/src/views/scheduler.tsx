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

/** What a letter would run, in words. */
export function nextWords(next: Next, tasks: Task[]): string {
  const task = tasks.find((one) => one.task === next.task);
  const statement = standsAt(task);
  if (next.task === 'clock') return 'time passes';
  return next.what ? `${next.what}: ${statement}` : statement;
}

export const isPlain = (next: Next) => next.what === null;

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

export function Scheduler({ state, take }: { state: State; take(letter: string): void }) {
  const plain = state.next.filter(isPlain);
  return (
    <div class="scheduler">
      {plain.map((next) => (
        <button
          type="button"
          key={next.letter}
          class={`next client-${next.letter.charCodeAt(0) - 65}`}
          onClick={() => take(next.letter)}
          title={nextWords(next, state.tasks)}
        >
          <kbd>{next.letter}</kbd>
          <code class="text">{nextWords(next, state.tasks)}</code>
          <Chance way={next.odds} />
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

/** What else can happen: faults, time that passes, a wait that ends. */
export function Extras({ state, take }: { state: State; take(letter: string): void }) {
  const others = state.next.filter((next) => !isPlain(next));
  if (others.length === 0) return null;
  return (
    <div class="others">
      {others.map((next, number) => (
        <button
          type="button"
          key={next.letter}
          class="other"
          onClick={() => take(next.letter)}
          title={nextWords(next, state.tasks)}
        >
          {number < 9 ? <kbd>{number + 1}</kbd> : null} {next.task}: {next.what}
        </button>
      ))}
    </div>
  );
}

/** The n-th of the faults, and of what else can happen besides a client's plain step; undefined: there are fewer. */
export function extraLetter(state: State, number: number): string | undefined {
  return state.next.filter((next) => !isPlain(next))[number - 1]?.letter;
}

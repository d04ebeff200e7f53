// What is on the page at a place: the scenario, where the step session stands, and all its orders.
import type { Engine } from '../engine/engine';
import { addressOf, argumentsOf, type Place } from './address';
import type { Lesson, List, Orders, Shown, State, Way } from './types';

export const ORDERS_MAX = 3000;
const STATES_MAX = '100000'; // a second or two, on a laptop

/** An experiment that was opened: what does not change from step to step. */
export type Opened = {
  key: string;
  place: Place;
  shown: Shown;
  whole: Way | null; // of all orders; null: too many to know
  orders: Orders | null; // nothing: too many to list
  row: string | undefined; // the only row's name
};

export type View = { opened: Opened; state: State };

/** Keeps a step session in the engine, and opens another when the experiment changes. */
export class Session {
  private opened: Opened | undefined;
  private openedIn = 0; // which beginning of the engine
  private queue: Promise<unknown> = Promise.resolve();
  private shown = new Map<string, Shown>();

  private listed: List | undefined;
  private taught: { lessons: Lesson[] } | undefined;

  constructor(readonly engine: Engine) {}

  /** The scenarios there are. */
  list(): Promise<List> {
    return this.inTurn(async () => {
      this.listed ??= JSON.parse((await this.engine.run(['list', '--format', 'json'])).output);
      return this.listed as List;
    });
  }

  /** The lessons of the workshop. */
  lessons(): Promise<Lesson[]> {
    return this.inTurn(async () => {
      this.taught ??= JSON.parse((await this.engine.run(['learn', '--format', 'json'])).output);
      return (this.taught as { lessons: Lesson[] }).lessons;
    });
  }

  /** Ends whatever is being worked on. */
  stop(): Promise<void> {
    return this.engine.stop();
  }

  /** Goes to a place; a sentence when there is none. */
  go(place: Place): Promise<View | string> {
    return this.inTurn(async () => {
      if (place.token) {
        const problem = await this.engine.open([place.token]);
        if (problem) return plain(problem);
        this.opened = undefined;
      }
      const key = addressOf({ ...place, order: '' });
      if (this.opened?.key !== key || this.openedIn !== this.engine.begun) {
        const problem = await this.open(place, key);
        if (problem) return problem;
      }
      const problem = await this.engine.goTo(place.order);
      if (problem) return plain(problem);
      return this.view();
    });
  }

  /** An order as it would be, without going there. */
  peek(order: string, back: string): Promise<State | undefined> {
    return this.inTurn(async () => {
      if (this.openedIn !== this.engine.begun || (await this.engine.goTo(order))) return undefined;
      const state = await this.engine.state<State>(0);
      await this.engine.goTo(back);
      return state;
    });
  }

  /** A command's text, as in a terminal. */
  run(words: string[]): Promise<string> {
    return this.inTurn(async () => {
      const { output, errors } = await this.engine.run(words);
      return output + errors;
    });
  }

  private async view(): Promise<View> {
    return { opened: this.opened as Opened, state: await this.engine.state<State>(0) };
  }

  private async open(place: Place, key: string): Promise<string> {
    let shown = this.shown.get(place.scenario);
    if (!shown) {
      const { exit, output, errors } = await this.engine.run([
        'show',
        place.scenario,
        '--format',
        'json',
      ]);
      if (exit !== 0) return plain(errors);
      shown = JSON.parse(output) as Shown;
      this.shown.set(place.scenario, shown);
    }
    const problem = await this.engine.open([...argumentsOf(place), '--states-max', STATES_MAX]);
    if (problem) {
      this.opened = undefined;
      return plain(problem);
    }
    const state = await this.engine.state<State>(ORDERS_MAX);
    this.openedIn = this.engine.begun;
    this.opened = {
      key,
      place: { ...place, strategy: state.strategy, token: undefined, unusual: undefined },
      shown,
      whole: state.odds,
      orders: state.orders ?? null,
      row: state.rows?.length === 1 ? state.rows[0]?.row : undefined,
    };
    return '';
  }

  // One thing after another: the engine holds one session.
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.queue.then(work, work);
    this.queue = turn.catch(() => undefined);
    return turn;
  }
}

/** “racelab: clients must be …” as a sentence of the page's. */
function plain(problem: string): string {
  const text = problem.replace(/^racelab: /, '').trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

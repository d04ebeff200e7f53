// A result that was put into the page: racelab.page/1, with racelab.explain/1, racelab.explore/1 or racelab.compare/1 in it.
import type { Comparison, Outcome, Shown, State, Way } from './types';

export type Ledger = Record<string, number>;
export type Fix = {
  change: string;
  statement?: string;
  effect: string;
  no_help_against?: string;
};

export type Explained = {
  schema: 'racelab.explain/1';
  scenario: string;
  strategy: string;
  verdict: string;
  title: string;
  headline: string;
  smallest: boolean;
  clients: number;
  faults: number;
  schedule: string;
  token: string;
  ledger?: Ledger;
  ledger_by_row?: Record<string, Ledger>;
  reasons: { label: string; text: string }[];
  one_at_a_time?: string[];
  swap: { text: string } | null;
  fixes: Fix[];
  fixes_unexplored: number;
};

export type Explored = {
  schema: 'racelab.explore/1';
  scenario: string;
  strategy: string;
  on?: string | null;
  verdict: string;
  complete: boolean;
  orders?: string; // missing: they were not counted
  orders_violating?: string;
  probability_violating?: { uniform_scheduler: number | null };
  outcomes: Outcome[];
  counterexample: { schedule: string; token: string } | null;
};

export type Several = { schema: 'racelab.explore-several/1'; explorations: Explored[] };

export type Given = {
  schema: 'racelab.page/1';
  version: string;
  command: string;
  result: Explained | Explored | Several | Comparison;
  text: string;
  shown: Shown | null;
  commands: string[];
  start: State | null;
  way: State[];
};

const terms: [key: string, sign: 1 | -1, words: string][] = [
  ['acknowledged', 1, 'acknowledged'],
  ['unknown_applied', 1, 'unknown but applied'],
  ['failed_applied', 1, 'failed but applied'],
  ['extra_applications', 1, 'done again'],
  ['overwritten', -1, 'overwritten'],
  ['acknowledged_never_applied', -1, 'acknowledged but never applied'],
];

/** “0 + 2 acknowledged − 1 overwritten = 1”. */
export function ledgerWords(ledger: Ledger): string {
  const parts = terms.flatMap(([key, sign, words]) => {
    const amount = (ledger[key] ?? 0) * sign;
    return amount === 0 ? [] : [`${amount < 0 ? '−' : '+'} ${Math.abs(amount)} ${words}`];
  });
  return [ledger.initial, ...parts, '=', ledger.final].join(' ');
}

/** The orders of an exploration that could not be listed one by one: how many end how. */
export function wayOf({ orders, orders_violating, probability_violating }: Explored): Way | null {
  if (orders === undefined || orders_violating === undefined) return null;
  return {
    orders,
    orders_violating,
    probability_violating: probability_violating?.uniform_scheduler ?? 0,
    doomed: orders === orders_violating,
    steps_to_violation: null,
  };
}

/** Whether an outcome is a violation; of strategies in C++ its anomalies tell. */
export function isBad(outcome: Outcome): boolean {
  return outcome.violated ?? Object.values(outcome.anomalies ?? {}).some((count) => Boolean(count));
}

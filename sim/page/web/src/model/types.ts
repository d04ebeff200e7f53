// What the engine tells, as JSON: racelab.step/1, racelab.list/1, racelab.show/1.

/** A chance of a violation, and the orders behind it; numbers of orders are strings, as they may be large. */
export type Way = {
  probability_violating: number;
  doomed: boolean;
  orders: string;
  orders_violating: string;
  steps_to_violation: number | null;
};

export type Next = {
  letter: string;
  task: string;
  what: string | null;
  goes_on: string | null;
  odds: Way | null;
};

export type Task = {
  task: string;
  client: number;
  operation: number;
  attempt: number;
  copy: number;
  statement: string | null;
  waits_for: string[];
  dead: boolean;
  slow: boolean;
  endpoint?: string;
  file?: string;
  line?: number | null;
  waits?: boolean;
};

export type Row = {
  row: string;
  value: number | string | null;
  version: number;
  in_flight: number | string | null;
  holder: string | null;
  queue: string[];
};

export type Value = number | string | boolean | null;
export type Table = {
  table: string;
  columns: string[];
  rows: Value[][];
  changes: { task: string; before: Value[] | null; after: Value[] | null }[];
};
export type Lock = {
  what: string;
  holders: string[];
  waiters: string[];
  any_of_them_next: boolean;
};

export type Step = {
  step: number;
  task: string;
  letter: string;
  statement: string;
  result: string;
  before?: string[];
  waits?: boolean;
  line?: number | null;
};

export type Outcome = {
  orders: string;
  violated: boolean;
  final?: unknown;
  words?: string;
  anomalies?: Record<string, number | boolean>;
  told?: Record<string, unknown>;
};
export type Orders = { outcomes: Outcome[]; list: [word: string, outcome: number][] };

export type State = {
  scenario: string;
  strategy: string;
  rules?: string;
  options: Record<string, string>;
  order: string;
  ended: boolean;
  verdict: string | null;
  headline: string | null;
  why: string | null;
  token: string | null;
  odds: Way | null;
  next: Next[];
  tasks: Task[];
  told: (string | null)[][];
  rows?: Row[];
  tables?: Table[];
  locks?: Lock[];
  steps: Step[];
  orders?: Orders;
};

export type Listed = {
  name: string;
  sql: boolean;
  explorable: boolean;
  story: string[];
  hazards: string[];
};
export type List = {
  scenarios: Listed[];
  strategies: { name: string; sentence: string }[];
  protections: { name: string; sentence: string }[];
};
export type Shown = {
  scenario: string;
  sql: boolean;
  story: string[];
  hazards: string[];
  strategies: string[];
  files: { file: string; text: string }[];
};

export type LessonExperiment = {
  before: string[];
  command: string;
  arguments: string[];
  after: string[];
};
export type Lesson = {
  number: number;
  name: string;
  title: string;
  story: string[];
  experiment: LessonExperiment;
  question: { text: string; choices: { text: string; reply: string; right: boolean }[] } | null;
  parts: { parameter: string; question: string; choices: string[] }[];
  change: LessonExperiment;
  by_hand: LessonExperiment;
  remember: string;
};

type Interval = [low: number, high: number];
/** One strategy at one value of what is varied, of racelab.compare/1; every measure has its name and NAME_interval. */
export type Cell = {
  scenario: string;
  variant: string | null;
  strategy: string;
  varied: Record<string, string>;
  violated: { share: number; interval: Interval };
  gave_up: { share: number };
  violating_run: string | null;
  [measure: string]: unknown;
};
export type Comparison = { schema: 'racelab.compare/1'; seeds: number; cells: Cell[] };

// Command lines of every kind, made from the scenarios that there are: what the page's engine must answer as the native binary does.

export type Listing = { scenarios: { name: string; sql: boolean; explorable: boolean }[] };

const settings: string[][] = [
  [],
  ['--isolation', 'repeatable-read'],
  ['--lose-reply.max', '1'],
  ['--crash.max', '1', '--isolation', 'read-committed'],
];
const strategies = [
  'read-modify-write',
  'optimistic-version',
  'pessimistic-lock',
  'atomic-increment+idempotency-key',
];
const json = ['--format', 'json'];

/** Of strategies in C++. */
function ofStrategies(scenario: string): string[][] {
  const lines: string[][] = [];
  for (const strategy of strategies) {
    const which = [scenario, '--strategy', strategy];
    lines.push(['run', ...which, ...json]);
    lines.push(['run', ...which, '--seed', '7']);
    lines.push(['compare', ...which, '--seeds', '3', ...json]);
    for (const setting of settings) {
      lines.push(['explore', ...which, ...setting, '--states-max', '4000', ...json]);
    }
    lines.push(['step', ...which, '--states-max', '4000', '--list-orders', '20', ...json]);
    lines.push(['explain', ...which, '--states-max', '4000']);
  }
  lines.push(['show', scenario, ...json]);
  return lines;
}

/** Of what is only run in time, which takes longest. */
function ofTimedRuns(scenario: string): string[][] {
  return [
    ['run', scenario, ...json],
    ['run', scenario, '--strategy', 'pessimistic-lock', '--seed', '7'],
    ['compare', scenario, '--seeds', '2', '--strategy', 'atomic-increment', ...json],
    ['explore', scenario],
    ['show', scenario, ...json],
  ];
}

/** Of endpoints in SQL. */
function ofScripts(scenario: string, fleets: string[]): string[][] {
  const lines: string[][] = [
    ['show', scenario],
    ['show', scenario, ...json],
  ];
  for (const strategy of fleets.slice(0, 4)) {
    const which = [scenario, '--strategy', strategy];
    lines.push(['explore', ...which, '--states-max', '3000', ...json]);
    lines.push(['explore', ...which, '--isolation', 'serializable', '--states-max', '3000']);
    lines.push(['step', ...which, '--states-max', '3000', '--list-orders', '20', ...json]);
    lines.push(['run', ...which, '--seed', '3', ...json]);
    lines.push(['explain', ...which, '--states-max', '3000']);
  }
  lines.push(['compare', scenario, '--seeds', '3', ...json]);
  return lines;
}

/** What stands by itself: lists, help, one of everything that is wrong. */
const others: string[][] = [
  [],
  ['--version'],
  ['help'],
  ['list'],
  ['list', ...json],
  ['list', 'strategies'],
  ['nonsense'],
  ['explore', 'two-writer'],
  ['explore', 'two-writers', '--clients'],
  ['explore', 'two-writers', '--clients', '0'],
  ['explore', 'two-writers', '--clients=27'],
  ['run', 'two-writers', '--trace', ...json],
  ['run', 'two-writers', '--trace=1'],
  ['run', 'two-writers', '--seed', '18446744073709551615', '--color', 'always'],
  ['run', 'hot-counter', '--format', 'csv'],
  ['step', 'two-writers'],
  ['step', '--help'],
  ['step', 'two-writers', '--order', 'ABBA', ...json],
  ['step', 'two-writers', '--order', 'AAA', ...json],
  ['step', 'oversold-stock', '--strategy', 'read-then-write', '--order', 'ABBBBAAA', ...json],
  ['verify', 'two-writers', ...json],
  ['verify', 'money-transfer'],
  ['verify', 'oversold-stock', ...json],
  ['explore', 'two-writers', '--engine', 'orders', ...json],
  ['explore', 'two-writers', '--clients', '6', ...json],
  ['explore', 'two-writers', '--clients', '5', '--no-symmetry', ...json],
  ['explain', 'two-writers', '--format', 'mermaid'],
  ['explain', 'two-writers', ...json],
  ['explain', 'retried-payment', '--strategy', 'atomic-increment', ...json],
  ['explain', 'two-writers', '--strategy', 'pessimistic-lock', ...json],
  ['explain', 'oversold-stock', '--strategy', 'read-then-write', ...json],
  ['step', '0.1.0:two-writers:read-modify-write::ABBA:6f442', ...json],
  ['step', '0.1.0:payment:built:param.balance=3~issued=0.1:BaB:85b3b', ...json],
  ['step', '0.1.0:two-writers:read-modify-write::ABBA:00000'],
  ['compare', 'contention', '--seeds', '4', '--vary', 'clients=1,2,4', ...json],
  ['compare', 'hot-counter', '--seeds', '10'],
  ['compare', 'two-writers', '--seeds', '20', '--format', 'csv'],
  ['learn', ...json],
  ['learn', '1'],
  ['learn', '12'],
  ['explore', 'payment', '--param', 'balance=3', '--param', 'keyed=3', ...json],
];

/** All of them; `fleets`: a scenario's strategies. */
export function corpus(listing: Listing, fleets: (scenario: string) => string[]): string[][] {
  return listing.scenarios
    .flatMap(({ name, sql, explorable }) => {
      if (sql) return ofScripts(name, fleets(name));
      return explorable ? ofStrategies(name) : ofTimedRuns(name);
    })
    .concat(others);
}

/** Without what may differ: how long it took. */
export function lasting(text: string): string {
  return text.replace(/"seconds": ?[0-9.eE+-]+/g, '"seconds": 0');
}

// The address is the state: #SCENARIO/ORDER?strategy=…&clients=3. What it may set is listed here, with what each may be, so that an
// address from somebody else can start nothing heavy.

/** A setting that the page can turn; `only`: for strategies in C++, or for endpoints in SQL. */
export type Knob = { key: string; label: string; values: string[]; only?: 'strategies' | 'sql' };

export const knobs: Knob[] = [
  {
    key: 'isolation',
    label: 'Isolation',
    values: ['autocommit', 'read-committed', 'repeatable-read', 'serializable'],
  },
  { key: 'clients', label: 'Clients', values: ['1', '2', '3', '4'], only: 'strategies' },
  { key: 'lose-reply.max', label: 'Lost replies', values: ['0', '1', '2'] },
  { key: 'crash.max', label: 'Crashes', values: ['0', '1'] },
  { key: 'slow-call.max', label: 'Slow calls', values: ['0', '1'], only: 'strategies' },
  { key: 'duplicate-delivery.max', label: 'Double deliveries', values: ['0', '1'] },
];

export type Place = {
  scenario: string;
  strategy: string; // empty: the scenario's own first choice
  settings: Record<string, string>; // those that were turned
  order: string;
};

export const start: Place = {
  scenario: 'two-writers',
  strategy: 'read-modify-write',
  settings: {},
  order: '',
};

export function addressOf(place: Place): string {
  const query = new URLSearchParams();
  if (place.strategy) query.set('strategy', place.strategy);
  for (const { key } of knobs) {
    const value = place.settings[key];
    if (value !== undefined) query.set(key, value);
  }
  const settings = query.toString();
  return `#${place.scenario}${place.order ? `/${place.order}` : ''}${settings ? `?${settings}` : ''}`;
}

/** What an address names; a sentence when it is wrong. Empty: the start. */
export function placeOf(hash: string): Place | string {
  const text = hash.replace(/^#/, '');
  if (text === '') return start;
  const [path = '', query = ''] = text.split('?', 2);
  const [scenario = '', order = '', ...more] = path.split('/');
  if (!/^[a-z0-9-]{1,60}$/.test(scenario) || more.length > 0) {
    return `“${shorten(path)}” is not the name of a scenario.`;
  }
  if (!/^[A-Za-z0-9~]{0,400}$/.test(order)) {
    return `“${shorten(order)}” is not an order: a letter for each step, as in ABBA.`;
  }
  const place: Place = { scenario, order, strategy: '', settings: {} };
  for (const [key, value] of new URLSearchParams(query)) {
    if (key === 'strategy') {
      if (!/^[a-z0-9+,:.-]{1,200}$/.test(value)) {
        return `“${shorten(value)}” is not a strategy.`;
      }
      place.strategy = value;
      continue;
    }
    const knob = knobs.find((one) => one.key === key);
    if (!knob) return `The page has no setting “${shorten(key)}”.`;
    if (!knob.values.includes(value)) {
      return `${key} is ${knob.values.join(', ')}, not “${shorten(value)}”.`;
    }
    place.settings[key] = value;
  }
  return place;
}

/** What follows `racelab step` (or another command) for a place. */
export function argumentsOf({ scenario, strategy, settings }: Place): string[] {
  const words = [scenario];
  if (strategy) words.push('--strategy', strategy);
  for (const { key } of knobs) {
    const value = settings[key];
    if (value !== undefined) words.push(`--${key}`, value);
  }
  return words;
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

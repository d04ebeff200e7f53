// The address is the state: #SCENARIO/ORDER?strategy=…&clients=3. What it may set is listed here, with what each may be, so that an
// address from somebody else can start nothing heavy.

import type { Given } from '../engine/host';
import type { Shown } from './types';

/** A setting that the page can turn; the first value is what nothing is said of; `only`: for strategies in C++, or for endpoints in SQL. */
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

// What a lesson may set besides, of which the page shows no knob.
const quiet: Record<string, RegExp> = {
  operations: /^[12]$/,
  'attempts-max': /^[1-3]$/,
  initial: /^[0-9]{1,4}$/,
};
const parameter = /^param\.[a-z_]{1,30}$/;

export type Place = {
  scenario: string;
  strategy: string; // empty: the scenario's own first choice
  settings: Record<string, string>; // those that were turned; param.NAME, too
  order: string;
  lesson?: number;
  token?: string; // that it was read from, and that the engine checks
  world?: string; // a token whose orders leave clients out: it is walked in these
  words?: string[]; // how a command line names files that are not built in
  unusual?: string; // why it is opened only when somebody presses for it
};

export const start: Place = {
  scenario: 'two-writers',
  strategy: 'read-modify-write',
  settings: {},
  order: '',
  lesson: 1,
};

// Flags that are no settings: no address can say them.
const command =
  /^(check|client|color|endpoint|format|help|list-orders|order|output|page|setup|states-max)$/;
const setting = /^[a-z][a-z0-9.-]{0,40}$/;
const anyValue = /^[A-Za-z0-9_.,%:+-]{1,100}$/;

const alternatives = (values: string[]) => `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;

/** Why a setting is none that an address may turn by itself; empty: it may. */
function unusual(key: string, value: string): string {
  const knob = knobs.find((one) => one.key === key);
  if (knob) {
    return knob.values.includes(value)
      ? ''
      : `${key} can be ${alternatives(knob.values)} here, not “${shorten(value)}”.`;
  }
  const form = quiet[key] ?? (parameter.test(key) ? /^[0-9,]{1,20}$/ : undefined);
  if (!form) return `The page has no setting “${shorten(key)}”.`;
  return form.test(value) ? '' : `${key} cannot be “${shorten(value)}” here.`;
}

/** A place with what is unusual about its settings; a sentence when they are none at all. */
function checked(place: Place): Place | string {
  for (const [key, value] of Object.entries(place.settings)) {
    const problem = unusual(key, value);
    const may = (setting.test(key) && !command.test(key)) || parameter.test(key);
    if (problem && !(may && anyValue.test(value))) return problem;
    place.unusual ??= problem || undefined;
  }
  return place;
}

/** What the native binary has written into the page: a place, and the files that are not built in. */
export type Written = Place & Partial<Given> & { shown?: Shown };

export const placeWritten = (written: Written): Place | string => {
  const { scenario, strategy, settings, order, token, words } = written;
  return checked({ scenario, strategy, settings, order, world: token, words });
};

export const isToken = (text: string) => /^[0-9]+\.[0-9]+\.[0-9]+:/.test(text);

/** What a token names: VERSION:SCENARIO:FLEET:SETTINGS:ORDER:CHECKSUM; a sentence when it is none. */
function placeOfToken(token: string): Place | string {
  const [, scenario = '', fleet = '', settings = '', order = '', , ...more] = token.split(':');
  if (scenario === '-') {
    return 'This token is of files that are not in the page: racelab step TOKEN, in a terminal, has them.';
  }
  if (!/^[a-z0-9-]{1,60}$/.test(scenario) || !letters.test(order) || more.length > 0) {
    return `“${shorten(token)}” is no token.`;
  }
  const place: Place = { scenario, strategy: '', settings: {}, order, token };
  try {
    place.strategy = decodeURIComponent(fleet.replaceAll('.', ':'));
    for (const one of settings === '' ? [] : settings.split('~')) {
      const [key = '', value = ''] = one.split('=');
      if (key === 'issued') place.world = token;
      else place.settings[decodeURIComponent(key)] = decodeURIComponent(value);
    }
  } catch {
    return `“${shorten(token)}” is no token.`;
  }
  return checked(place);
}

const letters = /^[A-Za-z0-9~]{0,400}$/;

/** TOKEN, or TOKEN/ORDER: another order in the token’s world. */
function placeInToken(text: string): Place | string {
  const [, token = text, order] = /^(.*)\/([^/]*)$/.exec(text) ?? [];
  const place = placeOfToken(token);
  if (typeof place === 'string' || order === undefined) return place;
  return letters.test(order) ? { ...place, order } : notAnOrder(order);
}

const notAnOrder = (order: string) =>
  `“${shorten(order)}” is not an order: a letter for each step, as in ABBA.`;

export function addressOf(place: Place): string {
  if (place.world !== undefined) return `#${place.world}/${place.order}`;
  const query = new URLSearchParams();
  if (place.strategy) query.set('strategy', place.strategy);
  for (const [key, value] of Object.entries(place.settings)) query.set(key, value);
  if (place.lesson !== undefined) query.set('lesson', String(place.lesson));
  const settings = query.toString();
  return `#${place.scenario}${place.order ? `/${place.order}` : ''}${settings ? `?${settings}` : ''}`;
}

/** What an address names; a sentence when it is wrong. Empty: the start. */
export function placeOf(hash: string): Place | string {
  const text = hash.replace(/^#/, '');
  if (text === '') return start;
  if (isToken(text)) return placeInToken(text);
  const [path = '', query = ''] = text.split('?', 2);
  const [scenario = '', order = '', ...more] = path.split('/');
  if (!/^[a-z0-9-]{1,60}$/.test(scenario) || more.length > 0) {
    return `“${shorten(path)}” is not the name of a scenario.`;
  }
  if (!letters.test(order)) {
    return notAnOrder(order);
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
    if (key === 'lesson') {
      if (!/^[0-9]{1,2}$/.test(value)) return `“${shorten(value)}” is not a lesson.`;
      place.lesson = Number(value);
      continue;
    }
    place.settings[key] = value;
  }
  return checked(place);
}

/** What follows `racelab step` (or another command) for a place. */
export function argumentsOf(place: Place): string[] {
  const { scenario, strategy, settings } = place;
  const words = [...(place.words ?? [scenario])];
  if (strategy) words.push('--strategy', strategy);
  for (const [key, value] of Object.entries(settings)) {
    if (parameter.test(key)) words.push('--param', `${key.slice('param.'.length)}=${value}`);
    else words.push(`--${key}`, value);
  }
  return words;
}

/** The place that a lesson's command names: “step SCENARIO --strategy S --KEY VALUE”. */
export function placeOfCommand(words: string[]): Place {
  const place: Place = { scenario: words[1] ?? '', strategy: '', settings: {}, order: '' };
  for (let i = 2; i + 1 < words.length; i += 2) {
    const key = (words[i] ?? '').replace(/^--/, '');
    const value = words[i + 1] ?? '';
    const [name = '', given = ''] = value.split('=');
    if (key === 'strategy') place.strategy = value;
    else if (key === 'param') place.settings[`param.${name}`] = given;
    else place.settings[key] = value;
  }
  return place;
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

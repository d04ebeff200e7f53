// One knob at a time: the strategy, or a setting. The share before the last turn stays, to compare with.
import { knobs, type Place } from '../model/address';
import type { Opened } from '../model/session';
import type { State } from '../model/types';

const ANY = 'any';

/** What a knob makes of the place where one is when its turn has come: another may have been turned just before. */
export type Turn = (place: Place) => Place;

type Given = { opened: Opened; state: State; turn(change: Turn): void };

export function Knobs({ opened, state, turn }: Given) {
  const { place, shown } = opened;
  const turned =
    (key: string, value: string): Turn =>
    (from) => {
      const settings = { ...from.settings };
      if (value === ANY) delete settings[key];
      else settings[key] = value;
      return { ...from, settings };
    };
  // What a setting is: as it was turned, or as the scenario has it. A fault without a budget does not strike, unless it has a rate.
  const now = (key: string, values: string[]): string => {
    const value = place.settings[key] ?? state.options[key];
    const rate = state.options[key.replace(/max$/, 'rate')] ?? '0%';
    if (value === ANY && rate !== '0%') return ANY;
    return value === undefined || value === ANY ? (values[0] ?? '') : value;
  };
  const strategies = shown.strategies.includes(state.strategy)
    ? shown.strategies
    : [state.strategy, ...shown.strategies];
  return (
    <fieldset class="knobs">
      <legend>Turn one knob</legend>
      <label>
        Strategy
        <select
          value={state.strategy}
          onChange={(event) => {
            const strategy = event.currentTarget.value;
            turn((from) => ({ ...from, strategy }));
          }}
        >
          {strategies.map((strategy) => (
            <option key={strategy}>{strategy}</option>
          ))}
        </select>
      </label>
      {knobs
        .filter(({ only }) => only === undefined || (only === 'sql') === shown.sql)
        .map(({ key, label, values }) => (
          <label key={key}>
            {label}
            <select
              value={now(key, values)}
              onChange={(event) => turn(turned(key, event.currentTarget.value))}
            >
              {[...new Set([now(key, values), ...values])]
                .filter((value) => shown.sql || value !== 'serializable')
                .sort((a, b) => values.indexOf(a) - values.indexOf(b))
                .map((value) => (
                  <option key={value}>{value}</option>
                ))}
            </select>
          </label>
        ))}
    </fieldset>
  );
}

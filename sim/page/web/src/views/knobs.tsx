// One knob at a time: the strategy, or a setting. The share before the last turn stays, to compare with.
import { knobs, type Place } from '../model/address';
import type { Opened } from '../model/session';
import type { State } from '../model/types';

type Given = { opened: Opened; state: State; turn(place: Place): void };

export function Knobs({ opened, state, turn }: Given) {
  const { place, shown } = opened;
  const turned = (key: string, value: string): Place => {
    const settings = { ...place.settings };
    settings[key] = value;
    return { ...place, settings, order: '' };
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
          onChange={(event) => turn({ ...place, strategy: event.currentTarget.value, order: '' })}
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
              value={place.settings[key] ?? standard(state.options[key])}
              onChange={(event) => turn(turned(key, event.currentTarget.value))}
            >
              {[...new Set([standard(place.settings[key] ?? state.options[key]), ...values])]
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

// A fault that nothing is said of does not strike.
function standard(value: string | undefined): string {
  return value === undefined || value === 'any' ? '0' : value;
}

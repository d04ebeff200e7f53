// One order, walked along: what has run so far, and what stands in the database behind each step.
import { useState } from 'preact/hooks';
import type { Shown, State } from '../model/types';
import { lettersOf } from '../model/words';
import { Listing, short } from '../views/files';
import { Database } from '../views/rows';
import { Odds } from '../views/scheduler';
import { Sequence } from '../views/sequence';

type Given = { way: State[]; shown: Shown | null };

export function Walk({ way, shown }: Given) {
  const last = way.length - 1;
  const [at, setAt] = useState(last);
  const state = way[at] as State;
  const end = way[last] as State;
  const letters = lettersOf(end.order);
  const taken = last === 0 ? letters.length : at; // of a very long order only the end is there
  const drawn = {
    ...state,
    steps: end.steps.filter(({ step }) => step <= taken),
  };
  return (
    <>
      {last > 0 ? (
        <div class="tools">
          <button type="button" onClick={() => setAt(at - 1)} disabled={at === 0}>
            Back
          </button>
          <button type="button" onClick={() => setAt(at + 1)} disabled={at === last}>
            Next
          </button>
          <label>
            Step {at} of {last}{' '}
            <input
              type="range"
              min={0}
              max={last}
              value={at}
              onInput={(event) => setAt(Number(event.currentTarget.value))}
            />
          </label>
          <span class="order">
            order <b>{letters.slice(0, taken).join('')}</b>
            {letters.slice(taken).join('')}
          </span>
        </div>
      ) : null}
      <div class="both">
        <div class="drawn">
          <Sequence state={drawn} clients={end.told.length} pressedBy={undefined} />
        </div>
        <div class="stands" aria-live="polite">
          <h3>
            {taken === 0 ? 'Before the first step' : `After step ${taken} of ${letters.length}`}
          </h3>
          <Database state={state} />
          {state.ended ? (
            <p class={state.verdict === 'violated' ? 'bad' : 'good'}>
              {state.verdict === 'violated' ? '✗' : '✓'} {state.headline}
            </p>
          ) : (
            <Odds way={state.odds} label="From here" />
          )}
          <Standing state={state} shown={shown} />
        </div>
      </div>
    </>
  );
}

/** The file of an endpoint in SQL that somebody stands in. */
function Standing({ state, shown }: { state: State; shown: Shown | null }) {
  const running = [...new Set(state.tasks.flatMap(({ file }) => (file ? [file] : [])))];
  return (
    <>
      {running.map((name) => {
        const file = shown?.files.find((one) => one.file === name);
        return file ? (
          <div key={name}>
            <h4>{short(name)}</h4>
            <Listing file={file} tasks={state.tasks} />
          </div>
        ) : null;
      })}
    </>
  );
}

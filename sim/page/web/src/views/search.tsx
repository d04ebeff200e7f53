// The scenarios there are, found by their names and stories.
import { useEffect, useRef, useState } from 'preact/hooks';
import { isToken } from '../model/address';
import type { List } from '../model/types';
import { Dialog } from './dialog';

type Given = {
  list: List | undefined;
  problem: string;
  pick(scenario: string): void;
  /** Opens what a token names. */
  open(token: string): void;
  /** Opens what the problem is about; nothing: that cannot be. */
  openIt: (() => void) | undefined;
  close(): void;
};

export function Search({ list, problem, pick, open, openIt, close }: Given) {
  const [sought, setSought] = useState('');
  const [entered, setEntered] = useState(false); // before the list was there
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const words = sought.toLowerCase().split(/\s+/);
  const found = (list?.scenarios ?? []).filter(({ name, story, explorable }) => {
    const text = `${name} ${story.join(' ')}`.toLowerCase();
    return explorable && words.every((word) => text.includes(word));
  });
  const first = found[0]?.name;
  useEffect(() => {
    if (entered && first !== undefined) pick(first);
  }, [entered, first]);
  return (
    <Dialog title="Scenarios" close={close}>
      {problem ? (
        <p class="problem" role="alert">
          {problem}{' '}
          {openIt ? (
            <button type="button" onClick={openIt}>
              Open it all the same
            </button>
          ) : null}
        </p>
      ) : null}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isToken(sought.trim())) open(sought.trim());
          else setEntered(!list || first !== undefined);
        }}
      >
        <label>
          Search{' '}
          <input
            ref={field}
            type="text"
            autocomplete="off"
            value={sought}
            onInput={(event) => {
              setSought(event.currentTarget.value);
              setEntered(false);
            }}
          />
        </label>
      </form>
      <ul class="found">
        {found.map(({ name, sql, story }) => (
          <li key={name}>
            <button type="button" onClick={() => pick(name)}>
              <b>{name}</b> {sql ? <span class="tag">SQL</span> : null}
              <span class="about">{story[0]}</span>
            </button>
          </li>
        ))}
        {isToken(sought.trim()) ? (
          <li>A token: Enter opens what it names.</li>
        ) : found.length === 0 ? (
          <li>{list ? 'No scenario has all these words in it.' : 'The list comes …'}</li>
        ) : null}
      </ul>
    </Dialog>
  );
}

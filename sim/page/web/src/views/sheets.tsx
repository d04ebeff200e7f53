// What opens over the page: why an order ends as it does, the same order elsewhere, the story, the keys.
import { useEffect, useState } from 'preact/hooks';
import { addressOf, argumentsOf } from '../model/address';
import type { Session, View } from '../model/session';
import { Dialog, Terminal } from './dialog';

type SheetGiven = { view: View; session: Session; close(): void };

/** A command's text, when it has come. */
function useCommand(session: Session, words: string[]): string {
  const [text, setText] = useState('…');
  const line = words.join('\n');
  useEffect(() => {
    let wanted = true;
    session.run(line.split('\n')).then((found) => {
      if (wanted) setText(found);
    });
    return () => {
      wanted = false;
    };
  }, [session, line]);
  return text;
}

export function Why({ view, session, close }: SheetGiven) {
  const { state, opened } = view;
  const { scenario, settings } = opened.place;
  const flags = Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value]);
  const words = state.token
    ? ['explain', state.token]
    : ['explain', scenario, '--strategy', state.strategy, ...flags];
  const text = useCommand(session, words);
  return (
    <Dialog
      title={state.token ? 'Why it ends so' : 'The smallest order that goes wrong'}
      close={close}
    >
      <Terminal text={text} label="Why" />
    </Dialog>
  );
}

export function Other({ view, session, close }: SheetGiven) {
  const { state, opened } = view;
  const others = opened.shown.strategies.filter((strategy) => strategy !== state.strategy);
  const [strategy, setStrategy] = useState(others[0] ?? '');
  return (
    <Dialog title="The same order under another strategy" close={close}>
      {state.token && strategy ? (
        <>
          <label>
            Strategy{' '}
            <select value={strategy} onChange={(event) => setStrategy(event.currentTarget.value)}>
              {others.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </label>
          <Replay key={strategy} token={state.token} strategy={strategy} session={session} />
        </>
      ) : (
        <p>First take an order to its end: press letters, or choose one of the marks.</p>
      )}
    </Dialog>
  );
}

type ReplayGiven = { token: string; strategy: string; session: Session };

function Replay({ token, strategy, session }: ReplayGiven) {
  const text = useCommand(session, ['replay', token, '--strategy', strategy]);
  return <Terminal text={text} label="The same order" />;
}

/** The place, for somebody else: as an address of this page, and as commands for a terminal. */
export function PassOn({ view, close }: Omit<SheetGiven, 'session'>) {
  const { state, opened } = view;
  const place = { ...opened.place, order: state.order };
  const words = [
    'racelab step',
    ...argumentsOf(place),
    ...(state.order ? ['--order', state.order] : []),
  ];
  const commands = [
    words.join(' '),
    ...(state.token
      ? [
          `racelab replay ${state.token}`,
          `racelab explain ${state.token}`,
          `racelab explain ${state.token} --format html --output order.html`,
        ]
      : [`${words.join(' ')} --page --output place.html`]),
  ];
  return (
    <Dialog title="Pass it on" close={close}>
      <p>Behind this page’s address, wherever the file lies, this opens it here:</p>
      <Terminal text={addressOf(place)} label="The address" />
      <p>In a terminal:</p>
      <Terminal text={commands.join('\n')} label="In a terminal" />
      <p>A token that a terminal prints opens here, too: as the address, or in the search (/).</p>
    </Dialog>
  );
}

type KeysGiven = {
  singleKeys: boolean;
  setSingleKeys(on: boolean): void;
  inRoom: boolean;
  close(): void;
};

export function Keys({ singleKeys, setSingleKeys, inRoom, close }: KeysGiven) {
  const keys: [string, string][] = [
    ['A, B, …', 'run that client’s next statement'],
    ['1, 2, …', 'one of the faults, or what else can happen'],
    ['u, r, 0', 'undo a step, take it again, back to the start'],
    ['← →', 'walk along all orders; Enter, on them, goes there'],
    ['w, s', 'why it ends so; the same order under another strategy'],
    ['m', 'many runs in time: strategies compared'],
    ['l, /', 'the lessons; search scenarios'],
    ['t, f', 'the story, the files of endpoints in SQL'],
    ['p', 'pass it on: its address, and the commands for it'],
    ...(inRoom ? [['j', 'how to join the room, and who is in'] as [string, string]] : []),
    ['Esc', 'close, stop walking'],
  ];
  return (
    <Dialog title="Keys" close={close}>
      <dl class="keys">
        {keys.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <label>
        <input
          type="checkbox"
          checked={singleKeys}
          onChange={(event) => setSingleKeys(event.currentTarget.checked)}
        />{' '}
        single keys do something
      </label>
    </Dialog>
  );
}

export function Story({ view, close }: { view: View; close(): void }) {
  return (
    <Dialog title={view.opened.place.scenario} close={close}>
      {view.opened.shown.story.map((paragraph) => (
        <p key={paragraph}>{paragraph}</p>
      ))}
    </Dialog>
  );
}

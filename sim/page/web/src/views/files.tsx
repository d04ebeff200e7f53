// The files of endpoints in SQL, with the statements that clients stand at.
import { useState } from 'preact/hooks';
import type { Shown, State } from '../model/types';
import { Dialog } from './dialog';

type Given = { shown: Shown; state: State; close(): void };

const short = (file: string) => file.slice(file.lastIndexOf('/') + 1);

export function Files({ shown, state, close }: Given) {
  const running = state.tasks.find((task) => task.file)?.file;
  const [open, setOpen] = useState(running ?? shown.files[0]?.file ?? '');
  const file = shown.files.find((one) => one.file === open);
  const at = (line: number) =>
    state.tasks.filter((task) => task.file === open && task.line === line).map(({ task }) => task);
  return (
    <Dialog title={`Files of ${shown.scenario}`} close={close}>
      <label>
        File{' '}
        <select value={open} onChange={(event) => setOpen(event.currentTarget.value)}>
          {shown.files.map((one) => (
            <option key={one.file} value={one.file}>
              {short(one.file)}
            </option>
          ))}
        </select>
      </label>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard */}
      <section class="terminal file" tabIndex={0} aria-label={short(open)}>
        <pre>
          {(file?.text ?? '')
            .trimEnd()
            .split('\n')
            .map((line, i) => {
              const tasks = at(i + 1);
              return (
                <span key={i} class={tasks.length > 0 ? 'line here' : 'line'}>
                  <span class="mark">{tasks.length > 0 ? `${tasks.join(' ')} ▸` : ''}</span>
                  {line}
                  {'\n'}
                </span>
              );
            })}
        </pre>
      </section>
      <p>
        To change it: <code>racelab new mine</code> in a terminal makes such a folder;{' '}
        <code>racelab explore ./mine</code> goes through all its orders.
      </p>
    </Dialog>
  );
}

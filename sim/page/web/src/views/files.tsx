// The files of endpoints in SQL, with the statements that clients stand at.
import { useState } from 'preact/hooks';
import type { Shown, State, Task } from '../model/types';
import { Dialog } from './dialog';

type Given = { shown: Shown; state: State; close(): void };

export const short = (file: string) => file.slice(file.lastIndexOf('/') + 1);

export function Files({ shown, state, close }: Given) {
  const running = state.tasks.find((task) => task.file)?.file;
  const [open, setOpen] = useState(running ?? shown.files[0]?.file ?? '');
  const file = shown.files.find((one) => one.file === open);
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
      {file ? <Listing file={file} tasks={state.tasks} /> : null}
      <p>
        To change it: <code>racelab new mine</code> in a terminal makes such a folder;{' '}
        <code>racelab explore ./mine</code> goes through all its orders.
      </p>
    </Dialog>
  );
}

/** A file, with the lines that somebody stands at. */
export function Listing({ file, tasks }: { file: Shown['files'][number]; tasks: Task[] }) {
  const at = (line: number) =>
    tasks.filter((task) => task.file === file.file && task.line === line).map(({ task }) => task);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard
    <section class="terminal file" tabIndex={0} aria-label={short(file.file)}>
      <pre>
        {file.text
          .trimEnd()
          .split('\n')
          .map((line, i) => {
            const here = at(i + 1);
            return (
              <span key={i} class={here.length > 0 ? 'line here' : 'line'}>
                <span class="mark">{here.length > 0 ? `${here.join(' ')} ▸` : ''}</span>
                {line}
                {'\n'}
              </span>
            );
          })}
      </pre>
    </section>
  );
}

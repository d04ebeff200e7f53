// The engine's own thread: it answers one question after another.
import { type Lab, start } from './host';

export type Question = { id: number; call: 'start' | keyof Lab; given: unknown[] };
export type Answer = { id: number; result?: unknown; problem?: string };

export type Progress = { progress: string };

// A terminal's line is written over the one before: “\r1,000 of 4,000 runs, …; Ctrl-C …” and an escape.
const printable = (text: string) => text.replace(/; Ctrl-C[\s\S]*$/, '').trim();

let lab: Lab | undefined;
let complaint = '';

async function answer({ call, given }: Question): Promise<unknown> {
  if (call === 'start') {
    lab = await start(given[0] as WebAssembly.Module, {
      complaint(text) {
        complaint += text;
      },
      progress(text) {
        postMessage({ progress: printable(text) } satisfies Progress);
      },
    });
    return undefined;
  }
  if (!lab) throw new Error('the engine has not been started');
  return (lab[call] as (...all: unknown[]) => unknown)(...given);
}

self.onmessage = async ({ data }: MessageEvent<Question>) => {
  try {
    postMessage({ id: data.id, result: await answer(data) } satisfies Answer);
  } catch (error) {
    postMessage({ id: data.id, problem: complaint || String(error) } satisfies Answer);
  }
};

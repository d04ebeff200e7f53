// Programs that a measurement starts, and ends: none of them outlives it.
import { spawn } from 'node:child_process';

const running = new Set();
const saying = Boolean(process.env.RACELAB_SAY);

function kill(child, signal) {
  try {
    process.kill(-child.pid, signal); // it and what it has started
  } catch {
    // It has ended.
  }
}
process.on('exit', () => running.forEach((child) => kill(child, 'SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => process.exit(130));
}

/** Starts a program, whose output is `heard` here or not. `ended` tells its exit code; `end` asks it to end, and after a second ends it. */
export function start(words, { folder = process.cwd(), say = saying, heard = false } = {}) {
  const others = say ? 'inherit' : 'ignore';
  const child = spawn(words[0], words.slice(1), {
    stdio: ['ignore', heard ? 'pipe' : others, others],
    detached: true,
    cwd: folder,
    // The system's programs before others of the same name, and nobody's settings.
    env: {
      PATH: `/usr/sbin:/usr/bin:${process.env.PATH}`,
      HOME: folder,
      RACELAB_SAY: say ? '1' : '',
    },
  });
  running.add(child);
  const ended = new Promise((resolve) => {
    child.on('exit', resolve);
    child.on('error', (error) => {
      console.error(`${words[0]}: ${error.message}`);
      resolve(127);
    });
  }).finally(() => running.delete(child));
  return {
    output: child.stdout,
    ended,
    end: async () => {
      kill(child, 'SIGTERM');
      const late = setTimeout(() => kill(child, 'SIGKILL'), 1000);
      await ended;
      clearTimeout(late);
    },
  };
}

/** Runs one to its end, and shows what it says. */
export async function run(words) {
  const code = await start(words, { say: true }).ended;
  if (code !== 0) {
    throw new Error(`${words.join(' ')} ended with ${code}`);
  }
}

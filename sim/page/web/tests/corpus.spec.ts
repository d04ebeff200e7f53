// The page's engine is the terminal's: the same bytes and exit codes, command line by command line.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@playwright/test';
import { type Lab, start } from '../src/engine/host';
import { corpus, lasting } from './corpus';

const build = resolve(import.meta.dirname, '../../../../build');
const binary = resolve(build, 'release/racelab');

function native(words: string[]) {
  const { status, stdout, stderr } = spawnSync(binary, words, {
    encoding: 'utf8',
    input: '',
    maxBuffer: 1 << 28,
  });
  return { exit: status, output: lasting(stdout), errors: stderr };
}

async function engine(): Promise<Lab> {
  const bytes = readFileSync(resolve(build, 'page/wasm/racelab.wasm'));
  return start(new WebAssembly.Module(bytes), {
    complaint: (text) => process.stderr.write(text),
    progress: () => undefined,
  });
}

// What ends the engine itself names the line that did.
function runOf(lab: Lab, words: string[]) {
  try {
    return lab.run(words);
  } catch (error) {
    throw new Error(`${words.join(' ')}: ${error}`);
  }
}

test('the same bytes as the native binary', async () => {
  test.setTimeout(300_000);
  const lab = await engine();
  const lines = corpus(
    JSON.parse(native(['list', '--format', 'json']).output),
    (scenario) => JSON.parse(native(['show', scenario, '--format', 'json']).output).strategies,
  );
  expect(lines.length).toBeGreaterThan(200);
  const different: string[] = [];
  let violated = 0;
  for (const words of lines) {
    const there = native(words);
    const here = runOf(lab, words);
    violated += there.exit === 1 ? 1 : 0;
    if (
      here.exit !== there.exit ||
      lasting(here.output) !== there.output ||
      here.errors !== there.errors
    ) {
      different.push(words.join(' '));
    }
  }
  console.log(`${lines.length} command lines, ${violated} with a violation`);
  expect(violated).toBeGreaterThan(50);
  expect(different).toEqual([]);
});

test('a step session that is kept says what a new one says', async () => {
  const lab = await engine();
  const walks: [string[], string[]][] = [
    [['two-writers'], ['', 'A', 'AB', 'ABB', 'ABBA', 'AABB', '', 'BA']],
    [
      ['two-writers', '--strategy', 'pessimistic-lock'],
      ['AB', 'ABA', ''],
    ],
    [
      ['oversold-stock', '--strategy', 'read-then-write'],
      ['ABAB', 'ABBBBAAA', 'A', ''],
    ],
  ];
  for (const [words, orders] of walks) {
    expect(lab.open(words)).toBe('');
    for (const order of orders) {
      expect(lab.goTo(order)).toBe('');
      const given = order ? ['--order', order] : [];
      const { output } = native(['step', ...words, ...given, '--format', 'json']);
      expect(lab.state(0)).toBe(output);
    }
    expect(lab.goTo('AZ')).toMatch(/^racelab: 'Z' is not possible here: /);
  }
  expect(lab.open(['two-writer'])).toMatch(/did you mean 'two-writers'/);
});

test('a folder that is put into it is explored, and no other', async () => {
  const lab = await engine();
  const shop: [string, string][] = [
    ['./shop/setup.sql', 'create table t (n integer not null);\ninsert into t values (0);\n'],
    ['./shop/add.sql', 'update t set n = n + 1;\n'],
  ];
  lab.give({ files: shop, trees: [] });
  expect(lab.run(['explore', './shop']).errors).toContain('the page has no parser of SQL');
  expect(lab.run(['explore', './shop2']).errors).toBe(
    "racelab: there is no file './shop2': a page reads none\n",
  );
});

test('files, and texts that are not built in, are refused in a sentence', async () => {
  const lab = await engine();
  for (const [words, sentence] of [
    [['run', './mine.ini'], "racelab: there is no file './mine.ini': a page reads none\n"],
    [['new', 'mine'], 'racelab: a page makes no folder; `racelab new` does, in a terminal\n'],
    [
      ['run', 'two-writers', '--output', 'x'],
      "racelab: the output file 'x' cannot be written: a page writes none\n",
    ],
  ] as const) {
    expect(lab.run([...words])).toEqual({ exit: 2, output: '', errors: sentence });
  }
});

// The built file, opened from the disk in a real browser: no request, no error, nothing that axe objects to, and all of it with the
// keyboard.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { addressOf, placeOfCommand } from '../src/model/address';
import type { Lesson } from '../src/model/types';
import { build, inspect, watch } from './inspect';

const binary = resolve(build, '../release/racelab');
const file = `file://${build}/racelab.html`;
test.beforeEach(({ page }) => watch(page));

async function open(page: Page, address = '') {
  await page.goto('about:blank');
  await page.goto(file + address);
  await page.waitForFunction(() => document.documentElement.dataset.ready);
}

const order = (page: Page) => page.getByTestId('order');

test('ABBA, with the keyboard alone, loses an update', async ({ page }, { project }) => {
  await open(page);
  await inspect(page, 'start', project.name);
  await expect(
    page.getByRole('heading', { name: /All orders 4 of 6 orders go wrong/ }),
  ).toBeVisible();
  for (const letters of ['A', 'AB', 'ABB', 'ABBA']) {
    await page.keyboard.press(letters.at(-1)?.toLowerCase() as string);
    await expect(order(page)).toHaveText(letters);
    if (letters === 'AB') {
      await expect(page.getByText('DOOMED', { exact: true })).toBeVisible();
      await inspect(page, 'doomed', project.name);
    }
  }
  await expect(page.getByText('✗ VIOLATED')).toBeVisible();
  await expect(page.locator('.heard')).toContainText('1 lost update: B was told ok');
  await expect(page.locator('.rows')).toContainText('n1');
  await inspect(page, 'violated', project.name);
  expect(page.url()).toContain('#two-writers/ABBA?strategy=read-modify-write&lesson=1');
  await page.keyboard.press('u');
  await expect(order(page)).toHaveText('ABB');
  await page.keyboard.press('r');
  await expect(order(page)).toHaveText('ABBA');
  await page.keyboard.press('w');
  await expect(page.getByRole('dialog')).toContainText('Each comes before the other');
  await inspect(page, 'why', project.name);
  await page.keyboard.press('Escape');
  await page.keyboard.press('s');
  await expect(page.getByRole('dialog')).toContainText('HOLDS');
  await inspect(page, 'other', project.name);
  await page.keyboard.press('Escape');
  await page.keyboard.press('0');
  await expect(order(page)).toHaveText('–');
});

test('arrows walk along all orders, Enter goes there', async ({ page }, { project }) => {
  await open(page);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  const slider = page.getByRole('slider', { name: 'All orders' });
  await expect(slider).toHaveAttribute(
    'aria-valuetext',
    'order 2 of 6: ABAB, n = 1: 1 lost update',
  );
  await expect(page.getByRole('heading', { name: 'The order ABAB' })).toBeVisible();
  await inspect(page, 'walked', project.name);
  await slider.focus();
  await page.keyboard.press('End');
  await expect(slider).toHaveAttribute('aria-valuetext', 'order 6 of 6: BBAA, n = 2: right');
  await page.keyboard.press('Enter');
  await expect(order(page)).toHaveText('BBAA');
  await expect(page.getByText('✓ HOLDS')).toBeVisible();
  await inspect(page, 'holds', project.name);
});

test('one knob: the strategy, then three clients', async ({ page }, { project }) => {
  await open(page);
  await page.getByLabel('Strategy').selectOption('pessimistic-lock');
  await expect(page.getByRole('heading', { name: /0 of 6 orders go wrong/ })).toBeVisible();
  await expect(page.getByText('before: read-modify-write: 4 of 6 orders')).toBeVisible();
  await page.keyboard.press('a');
  await expect(order(page)).toHaveText('A');
  await page.keyboard.press('b');
  await expect(page.locator('.rows')).toContainText('B');
  await expect(page.getByText('waits for A')).toBeVisible();
  await inspect(page, 'waits', project.name);
  await page.getByLabel('Strategy').selectOption('read-modify-write');
  await page.getByLabel('Clients').selectOption('3');
  await expect(page.getByRole('heading', { name: /84 of 90 orders go wrong/ })).toBeVisible();
  await inspect(page, 'three', project.name);
});

test('faults are buttons', async ({ page }, { project }) => {
  await open(page, '#retried-payment');
  await page.keyboard.press('a');
  await expect(order(page)).toHaveText('A');
  await inspect(page, 'faults', project.name);
  await page
    .getByRole('button', { name: /reply lost/ })
    .first()
    .click();
  await expect(order(page)).toHaveText(/r$/);
});

// Three buyers want the row that A has changed: when A commits, the server is free to let B or C go on.
test('who of several goes on is told apart, in words', async ({ page }, { project }) => {
  await open(page, '#oversold-stock?strategy=guarded-update&clients=3');
  for (const letter of ['a', 'b', 'c', 'a']) await page.keyboard.press(letter);
  await expect(order(page)).toHaveText('ABCA');
  await expect(page.getByRole('button', { name: /^A commit then B goes on/ })).toBeVisible();
  const second = page.getByRole('button', { name: /^1 A: commit then C goes on/ });
  await inspect(page, 'ways', project.name);
  await second.click();
  await expect(order(page)).toHaveText('ABCAAw2');
  await expect(page.locator('.lock')).toContainText('item (1, 0) is locked by C; B waits');
  await page.keyboard.press('u');
  await page.keyboard.press('a');
  await expect(order(page)).toHaveText('ABCAA');
  await expect(page.locator('.lock')).toContainText('item (1, 0) is locked by B; C waits');
  await page.keyboard.press('u');
  await page.keyboard.press('1');
  await expect(order(page)).toHaveText('ABCAAw2');
});

test('who of strategies goes on is told apart, too', async ({ page }) => {
  await open(
    page,
    '#two-writers/ABCA?strategy=pessimistic-lock&isolation=read-committed&clients=3',
  );
  await expect(page.getByRole('button', { name: /^A COMMIT then B goes on/ })).toBeVisible();
  await page.getByRole('button', { name: /^1 A: COMMIT then C goes on/ }).click();
  await expect(order(page)).toHaveText('ABCAAw2');
  await expect(page.locator('.rows')).toContainText('C');
});

test('of those who wait for each other, whom the server ends', async ({ page }, { project }) => {
  await open(page, '#transfers/ABAB?strategy=as-they-come');
  await expect(page.getByText('A: the server ends it: they wait for each other')).toBeVisible();
  await inspect(page, 'deadlock', project.name);
  await page.keyboard.press('2');
  await expect(order(page)).toHaveText('ABABBx');
  await expect(page.locator('.sequence')).toContainText('deadlock detected');
});

test('what was undone stays as a branch, and is taken again', async ({ page }, { project }) => {
  await open(page);
  for (const letter of ['a', 'b', 'b', 'a']) await page.keyboard.press(letter);
  await expect(order(page)).toHaveText('ABBA');
  const branches = page.getByRole('list', { name: 'Also taken' });
  await expect(branches).toHaveCount(0);
  for (const key of ['u', 'u', 'u', 'a']) await page.keyboard.press(key);
  await expect(order(page)).toHaveText('AA');
  await expect(branches.getByRole('button')).toHaveText([/^ABBA ✗/]);
  await inspect(page, 'branches', project.name);
  // The other one, and back; redoing goes on along the one that was left last.
  await page.keyboard.press('o');
  await expect(order(page)).toHaveText('ABBA');
  await expect(branches.getByRole('button')).toHaveText([/^AA …/]);
  await branches.getByRole('button').click();
  await expect(order(page)).toHaveText('AA');
  await page.keyboard.press('u');
  await page.keyboard.press('r');
  await expect(order(page)).toHaveText('AA');
  // A knob begins anew.
  await page.getByLabel('Strategy').selectOption('atomic-increment');
  await expect(branches).toHaveCount(0);
});

test('endpoints in SQL, with their files', async ({ page }, { project }) => {
  await open(page, '#oversold-stock?strategy=read-then-write');
  await inspect(page, 'sql', project.name);
  for (const letters of ['A', 'AB', 'ABA', 'ABAB']) {
    await page.keyboard.press(letters.at(-1) as string);
    await expect(order(page)).toHaveText(letters);
  }
  await expect(page.locator('.lock')).toContainText('item (1, 1) is locked by A; B waits');
  await inspect(page, 'sql-waits', project.name);
  await page.keyboard.press('f');
  await expect(page.locator('.here').first()).toContainText('update item set stock');
  await inspect(page, 'sql-files', project.name);
  await page.keyboard.press('Escape');
  for (const letter of ['A', 'A', 'B', 'B']) await page.keyboard.press(letter);
  await expect(page.getByText('✗ VIOLATED')).toBeVisible();
  await inspect(page, 'sql-violated', project.name);
  await page.getByLabel('Isolation').selectOption('serializable');
  await expect(page.getByRole('heading', { name: /0 of .* orders go wrong/ })).toBeVisible();
});

test('thousands of orders are told by how they end', async ({ page }, { project }) => {
  await open(page, '#two-writers?strategy=read-modify-write&clients=4');
  await expect(page.getByRole('heading', { name: /of 2,520 orders go wrong/ })).toBeVisible();
  await inspect(page, 'thousands', project.name);
  await open(page, '#lease-lock');
  await inspect(page, 'grouped', project.name);
});

test('a wrong address is a sentence and the list of scenarios', async ({ page }, { project }) => {
  for (const [address, sentence] of [
    ['#two-riders', "There is no scenario 'two-riders'; did you mean 'two-writers'?"],
    ['#two-writers?clients=26', 'clients can be 1, 2, 3 or 4 here, not “26”.'],
    ['#two-writers?output=x', 'The page has no setting “output”.'],
    ['#two-writers/A<B', '“A%3CB” is not an order'],
    ['#two-writers/AAAA', "'A' is not possible here"],
    ['#%00', 'is not the name of a scenario'],
  ] as const) {
    await open(page, address);
    await expect(page.getByRole('alert')).toContainText(sentence);
    // What would be a lot of work is one press away; what no page can do is not.
    await expect(page.getByRole('button', { name: 'Open it all the same' })).toHaveCount(
      address.includes('clients') ? 1 : 0,
    );
    await expect(page.getByRole('button', { name: /^oversold-stock/ })).toBeVisible();
  }
  await inspect(page, 'wrong-address', project.name);
  await page.getByLabel('Search').fill('seat taken twice');
  await page.getByLabel('Search').fill('oversold');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'You are the scheduler' })).toBeVisible();
  expect(page.url()).toContain('#oversold-stock');
});

test('Enter in the search does not wait for the list', async ({ page }) => {
  await open(page);
  await page.keyboard.press('/');
  await expect(page.getByLabel('Search')).toBeFocused();
  await page.keyboard.type('oversold');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.locator('.top')).toContainText('oversold-stock');
  // What nothing is called stays to be mended.
  await page.keyboard.press('/');
  await page.keyboard.type('unheard-of');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toContainText('No scenario has all these words in it.');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.keyboard.press('/');
  await page.keyboard.type('two-wr');
  await page.keyboard.press('Enter');
  await expect(page.locator('.top')).toContainText('two-writers');
});

test('a token is an address, and every place is passed on', async ({ page }, { project }) => {
  const token = '0.1.0:two-writers:read-modify-write::ABBA:6f442';
  await open(page, `#${token}`);
  await expect(order(page)).toHaveText('ABBA');
  await page.keyboard.press('p');
  const sheet = page.getByRole('dialog', { name: 'Pass it on' });
  await expect(sheet).toContainText('#two-writers/ABBA?strategy=read-modify-write');
  await expect(sheet).toContainText(`racelab replay ${token}`);
  await inspect(page, 'pass-on', project.name);
  await page.keyboard.press('Escape');
  await page.keyboard.press('u');
  await page.keyboard.press('p');
  const line = 'racelab step two-writers --strategy read-modify-write --order ABB';
  await expect(sheet).toContainText(line);
  const state = spawnSync(binary, [...line.split(' ').slice(1), '--format', 'json']);
  expect(JSON.parse(state.stdout.toString()).order).toBe('ABB');
  await page.keyboard.press('Escape');
  // A damaged one is a sentence; in the search one opens, too, with the settings that it turns.
  await open(page, `#${token.replace('ABBA', 'ABAB')}`);
  await expect(page.getByRole('alert')).toContainText('The token is damaged');
  const other = '0.1.0:payment:built:param.balance=3~issued=0.1:BaB:85b3b';
  await page.getByLabel('Search').fill(other);
  await page.keyboard.press('Enter');
  await expect(order(page)).toHaveText('BaB');
  // A issues nothing in it: so that is its end, and its address says so.
  await expect(page.getByText('✗ VIOLATED')).toBeVisible();
  expect(page.url()).toContain(`#${other}/BaB`);
  await inspect(page, 'left-out', project.name);
  await page.keyboard.press('u');
  await expect(order(page)).toHaveText('Ba');
  await expect(page.getByRole('button', { name: /^A / })).toHaveCount(0);
  const address = page.url().slice(page.url().indexOf('#'));
  expect(address).toBe(`#${other}/Ba`);
  await open(page, address);
  await expect(order(page)).toHaveText('Ba');
  // A knob turned is another world, with all of its clients.
  await page.getByLabel('Isolation').selectOption('serializable');
  await expect(page.getByRole('button', { name: /^A / })).toBeVisible();
});

test('keys, story and search are sheets that Escape closes', async ({ page }, { project }) => {
  await open(page);
  for (const [key, name] of [
    ['?', 'Keys'],
    ['t', 'two-writers'],
    ['/', 'Scenarios'],
  ] as const) {
    await page.keyboard.press(key);
    await expect(page.getByRole('dialog', { name })).toBeVisible();
    await inspect(page, `sheet-${name}`, project.name);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  }
});

test('a lesson asks first, and keeps what was said', async ({ page }, { project }) => {
  await open(page);
  await expect(page.locator('.story')).toContainText('Lesson 1: Two cashiers');
  await page.keyboard.press('l');
  const sheet = page.getByRole('dialog', { name: 'Lesson 1: Two cashiers' });
  await expect(sheet).toContainText('Choose first');
  await inspect(page, 'lesson', project.name);
  await sheet.getByRole('button', { name: '2: each till adds 1' }).click();
  await expect(sheet).toContainText('you said this');
  await expect(sheet).toContainText('so it is');
  await sheet.getByRole('button', { name: 'Run it' }).first().click();
  await expect(sheet.locator('.terminal').first()).toContainText('VIOLATED  1 lost update');
  await inspect(page, 'lesson-told', project.name);
  await sheet.getByRole('button', { name: 'Be the scheduler' }).click();
  await expect(page.locator('.story')).toContainText('You said: 2: each till adds 1');
  await expect(page.locator('.story')).toContainText('find an order that keeps both');
  expect(page.url()).toContain('lesson=1');
});

test('what a lesson asks about orders is not shown before it is said', async ({ page }, {
  project,
}) => {
  await open(page, '#two-writers?strategy=read-modify-write&isolation=read-committed&lesson=3');
  await expect(page.locator('.all')).toContainText('when you have said what you think');
  const body = page.locator('body');
  await page.keyboard.press('a');
  await expect(order(page)).toHaveText('A');
  await page.keyboard.press('ArrowRight');
  await expect(body).not.toContainText('go wrong');
  await expect(page.locator('.chance')).toHaveCount(0);
  await expect(page.getByRole('slider', { name: 'All orders' })).toHaveCount(0);
  await inspect(page, 'asked', project.name);
  await page.keyboard.press('l');
  const sheet = page.getByRole('dialog', { name: /Lesson 3/ });
  await sheet.getByRole('button', { name: '12: more than before' }).click();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { name: /12 of 14 orders go wrong/ })).toBeVisible();
  await expect(page.locator('.chance').first()).toBeVisible();
});

test('the boss level: every order and every fault must spare the endpoint', async ({ page }, {
  project,
}) => {
  await open(page);
  await page.keyboard.press('l');
  await page.getByRole('dialog').getByRole('combobox').first().selectOption('12');
  const sheet = page.getByRole('dialog', { name: /Lesson 12/ });
  await sheet.getByRole('button', { name: 'Try every order and every fault' }).click();
  await expect(sheet.locator('.terminal')).toContainText('VIOLATED');
  await expect(sheet).not.toContainText('Remember');
  await inspect(page, 'boss', project.name);
  for (const [question, choice] of [
    [/balance changed/, '3'],
    [/done with the key/, '3'],
    [/comes first/, '1'],
    [/committed together/, '2'],
    [/known key hear/, '2'],
  ] as const) {
    await sheet.getByLabel(question).selectOption(choice);
  }
  await sheet.getByRole('button', { name: 'Try every order and every fault' }).click();
  await expect(sheet.locator('.terminal')).toContainText('HOLDS');
  await expect(sheet).toContainText('Recognise the repeat first');
  // What one has built is what one plays.
  await sheet.getByRole('button', { name: 'Be the scheduler' }).click();
  await expect(page.getByRole('heading', { name: /0 of 2,558 orders go wrong/ })).toBeVisible();
});

test('every lesson has an order to play by hand', async ({ page }, { project }) => {
  test.setTimeout(300_000);
  const { stdout } = spawnSync(binary, ['learn', '--format', 'json'], { encoding: 'utf8' });
  const { lessons } = JSON.parse(stdout) as { lessons: Lesson[] };
  expect(lessons.length).toBe(12);
  for (const { number, by_hand } of lessons) {
    const place = { ...placeOfCommand(by_hand.arguments), lesson: number };
    await open(page, addressOf(place));
    await expect(page.locator('.story')).toContainText(`Lesson ${number}: `);
    const told = page.getByRole('heading', { name: /orders? go/ });
    const question = page.getByText('when you have said what you think');
    await expect(told.or(question)).toBeVisible();
    await inspect(page, `lesson-${number}`, project.name);
    // On the projector all that can be pressed is seen at once.
    const hidden = await page
      .locator('.play')
      .evaluate((one) => one.scrollHeight - one.clientHeight);
    if (project.name === 'projector') expect(hidden).toBeLessThanOrEqual(0);
  }
});

test('strategies compared, as a chart and a table', async ({ page }, { project }) => {
  await open(page);
  await page.keyboard.press('m');
  const sheet = page.getByRole('dialog', { name: /Strategies compared/ });
  await sheet.getByRole('button', { name: /^Run 100/ }).click();
  await expect(
    sheet.getByRole('img', { name: 'Runs that go wrong (%), by clients' }),
  ).toBeVisible();
  await expect(sheet.getByRole('row', { name: /read-modify-write/ })).toContainText(
    '99 (94.6–100)',
  );
  await inspect(page, 'compared', project.name);
});

test('it is small, and ready at once', async ({ page }) => {
  expect(statSync(`${build}/racelab.html`).size).toBeLessThanOrEqual(1_600_000);
  await open(page);
  const ready = await page.evaluate(() => Number(document.documentElement.dataset.ready));
  console.log(`ready after ${ready} ms`);
});

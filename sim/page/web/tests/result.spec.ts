// The pages that the native binary writes with --format html, opened from the disk: each draws its result without an engine, and
// shows what users wrote as text.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { build, inspect, watch } from './inspect';

const binary = resolve(build, '../release/racelab');
const folder = resolve(build, 'test-results-written');

test.beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(`${folder}/shop`, { recursive: true });
});
test.beforeEach(({ page }) => watch(page));

/** Writes a page and opens it; `exit`: what the command ends with. */
async function written(page: Page, words: string[], exit: number) {
  const { status, stderr } = spawnSync(binary, [...words, '--output', 'page.html'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(exit);
  await page.goto(`file://${folder}/page.html`);
}
const html = ['--format', 'html'];
const freely = Number.POSITIVE_INFINITY;

test('explain: verdict, sequence, rows, why, ledger, fixes', async ({ page }, { project }) => {
  await written(page, ['explain', 'two-writers', ...html], 1);
  expect(statSync(`${folder}/page.html`).size).toBeLessThan(100_000);
  await expect(page).toHaveTitle('racelab explain two-writers');
  await expect(page.getByLabel('Verdict')).toContainText('✗ LOST UPDATE');
  await expect(page.getByLabel('Verdict')).toContainText('1 lost update: B was told ok');
  await expect(page.getByText('0 + 2 acknowledged − 1 overwritten = 1')).toBeVisible();
  await expect(page.locator('dd', { hasText: 'Each comes before the other' })).toBeVisible();
  await expect(page.getByText('optimistic-version', { exact: true }).first()).toBeVisible();
  await expect(
    page.getByRole('heading', { name: 'All orders 4 of 6 orders go wrong' }),
  ).toBeVisible();
  await inspect(page, 'result-explain', project.name, freely);
  // Back to where the first two have read: both stand before their write.
  const step = page.getByRole('slider', { name: /Step/ });
  await step.fill('2');
  await expect(page.getByRole('heading', { name: 'After step 2 of 4' })).toBeVisible();
  await expect(page.getByText('DOOMED', { exact: true })).toBeVisible();
  await expect(page.locator('.sequence li')).toHaveCount(2);
  await page.getByRole('button', { name: 'Back' }).click();
  await page.getByRole('button', { name: 'Back' }).click();
  await expect(page.getByText('Nothing has run yet')).toBeVisible();
  await expect(page.locator('.rows').first()).toContainText('n0');
  await inspect(page, 'result-explain-start', project.name, freely);
});

test('explain of endpoints in SQL: tables, locks, the file', async ({ page }, { project }) => {
  await written(page, ['explain', 'oversold-stock', '--strategy', 'read-then-write', ...html], 1);
  await expect(page.getByLabel('Verdict')).toContainText('LOST UPDATE, CHECK BROKEN');
  await page.getByRole('slider', { name: /Step/ }).fill('3');
  await expect(page.locator('.lock')).toContainText('is locked by B');
  await expect(page.locator('.here').first()).toContainText('update item set stock');
  await expect(page.locator('dd', { hasText: 'A then B: A 200 sale=1, B 409' })).toBeVisible();
  await inspect(page, 'result-sql', project.name, freely);
});

test('explore: all orders as squares, the smallest that goes wrong', async ({ page }, {
  project,
}) => {
  await written(page, ['explore', 'two-writers', '--clients', '3', ...html], 1);
  await expect(page.getByLabel('Verdict')).toContainText('✗ VIOLATED 84 of 90 orders go wrong');
  const all = page.getByRole('slider', { name: 'All orders' });
  await all.focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await expect(page.getByText('CCBBAA: n = 3: right')).toBeVisible();
  await inspect(page, 'result-explore', project.name, freely);
});

test('explore: what holds, many orders, several strategies', async ({ page }, { project }) => {
  await written(page, ['explore', 'two-writers', '--strategy', 'pessimistic-lock', ...html], 0);
  await expect(page.getByLabel('Verdict')).toContainText('✓ HOLDS 0 of 6 orders go wrong');
  await inspect(page, 'result-holds', project.name, freely);
  await written(page, ['explore', 'two-writers', '--clients', '7', ...html], 1);
  await expect(page.getByRole('heading', { name: /of 681,080,400 orders go wrong/ })).toBeVisible();
  await inspect(page, 'result-grouped', project.name, freely);
  await written(page, ['explore', 'on-call-doctors', ...html], 1);
  await expect(page.getByRole('row', { name: /count-then-leave ✗ VIOLATED/ })).toBeVisible();
  await inspect(page, 'result-several', project.name, freely);
});

test('compare: charts over what was varied, or beside each other', async ({ page }, {
  project,
}) => {
  const compare = ['compare', 'two-writers', '--seeds', '20'];
  await written(
    page,
    [...compare, '--vary', 'clients=2,4', '--vary', 'operations=1,5', ...html],
    0,
  );
  await expect(page.getByRole('img', { name: 'Runs that go wrong (%), by clients' })).toBeVisible();
  await page.getByRole('combobox', { name: /^by/ }).selectOption('operations');
  await page.getByRole('combobox', { name: /^Show/ }).selectOption('Mean time of an operation');
  await expect(page.getByRole('img', { name: /by operations/ })).toBeVisible();
  await expect(page.getByRole('rowheader', { name: /read-modify-write, clients 4/ })).toBeVisible();
  // What the terminal says first, without the chart’s letters, which the table has as marks.
  await expect(page.getByLabel('Verdict')).toContainText('seeds 1 to 20');
  await expect(page.getByLabel('Verdict')).not.toContainText('optimistic-version');
  await inspect(page, 'result-varied', project.name, freely);
  await written(page, [...compare, ...html], 0);
  await expect(page.getByRole('row', { name: /read-modify-write/ })).toContainText('100');
  await inspect(page, 'result-compare', project.name, freely);
});

test('what users wrote is text', async ({ page }, { project }) => {
  const hostile = '</script><script>document.title="broken"</script><img src=x onerror=alert(1)>';
  writeFileSync(
    `${folder}/mine.ini`,
    `# ${hostile}\nworkload = increment\nhazards = race\nclients = 2\n`,
  );
  await written(page, ['explain', './mine.ini', ...html], 1);
  await expect(page.getByText(hostile)).toBeVisible();
  await expect(page).toHaveTitle('racelab explain ./mine.ini');
  await expect(page.locator('img')).toHaveCount(0);
  await inspect(page, 'result-hostile', project.name, freely);
});

test('without a result it says which command writes one', async ({ page }) => {
  await page.goto(`file://${build}/result.html`);
  await expect(page.getByText('There is no result in this page yet')).toBeVisible();
});

test('step --page opens at its place', async ({ page }, { project }) => {
  const ready = () => page.waitForFunction(() => document.documentElement.dataset.ready);
  await written(page, ['step', 'two-writers', '--clients', '3', '--order', 'AB', '--page'], 0);
  await ready();
  await expect(page.getByTestId('order')).toHaveText('AB');
  await expect(page.getByRole('heading', { name: /84 of 90 orders go wrong/ })).toBeVisible();
  await inspect(page, 'place', project.name);
  // More than an address may start by itself waits for a press.
  await written(page, ['step', 'two-writers', '--clients', '5', '--order', 'AB', '--page'], 0);
  await expect(page.getByRole('alert')).toContainText('clients can be 1, 2, 3 or 4 here, not “5”.');
  await expect(page.getByRole('heading', { name: 'You are the scheduler' })).toHaveCount(0);
  await inspect(page, 'place-asks', project.name);
  await page.getByRole('button', { name: 'Open it all the same' }).click();
  await expect(page.getByTestId('order')).toHaveText('AB');
  await expect(page.getByRole('heading', { name: /of 113,400 orders go wrong/ })).toBeVisible();
});

test('step --page takes a folder of SQL with it', async ({ page }, { project }) => {
  const hostile = '</script><img src=x onerror=alert(1)>';
  writeFileSync(
    `${folder}/shop/setup.sql`,
    'create table item (id integer primary key, stock integer not null);\ninsert into item values (1, 9);\n',
  );
  writeFileSync(
    `${folder}/shop/buy.sql`,
    `-- ${hostile}\nselect stock from item where id = 1 \\gset\nupdate item set stock = :stock - 1 where id = 1;\n`,
  );
  writeFileSync(`${folder}/shop/scenario.ini`, '# Nine things, two buyers.\nclients = 2\n');
  await written(page, ['step', './shop', '--order', 'AB', '--page'], 0);
  await page.waitForFunction(() => document.documentElement.dataset.ready);
  const order = page.getByTestId('order');
  await expect(order).toHaveText('AB');
  await expect(page.getByText('Nine things, two buyers.')).toBeVisible();
  await expect(page.getByRole('heading', { name: /All orders 4 of 6/ })).toBeVisible();
  await inspect(page, 'own', project.name);
  await page.keyboard.press('f');
  await expect(page.getByRole('dialog')).toContainText('update item set stock');
  await page.getByRole('combobox', { name: /^File/ }).selectOption('buy.sql');
  await expect(page.getByText(hostile)).toBeVisible();
  await expect(page.locator('img')).toHaveCount(0);
  await page.keyboard.press('Escape');
  for (const letter of ['b', 'a']) await page.keyboard.press(letter);
  await expect(page.getByText('✗ VIOLATED')).toBeVisible();
  await page.keyboard.press('w');
  await expect(page.getByRole('dialog')).toContainText('LOST UPDATE');
  await page.keyboard.press('Escape');
  await page.keyboard.press('p');
  await expect(page.getByRole('dialog')).toContainText(/racelab replay 0\.1\.0:-:\S+ \.\/shop/);
  await page.keyboard.press('Escape');
  expect(page.url()).toContain('#shop/ABBA?strategy=buy');
  // It can be left, and found again; another level parses nothing that is not there.
  await page.keyboard.press('/');
  await page.getByLabel('Search').fill('nine things');
  await expect(page.getByRole('dialog').getByRole('button', { name: /^shop/ })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(order).toHaveText('–');
  await page.getByLabel('Isolation').selectOption('serializable');
  await expect(page.getByRole('heading', { name: /0 of .* orders go wrong/ })).toBeVisible();
});

// The built file in Firefox: what a workshop does on it, by keys, with the values that it must show.

import { expect, type Fox, test } from './firefox';
import { build } from './inspect';

const doomed = '.doomed';
const sheet = 'dialog[open]';
const walked = '[role=slider][aria-label="All orders"]';

const background = (fox: Fox) =>
  fox.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);

// What watches for requests must see one: a page without a policy sends it.
test('a request would be seen', async ({ fox }) => {
  await fox.page.goto('data:text/html,<img src="http://127.0.0.1:49151/seen">');
  await expect.poll(() => fox.wrong).toContain('asked for http://127.0.0.1:49151/seen');
  fox.wrong.length = 0;
  // And what the policy of the page refuses before it is sent.
  await fox.open();
  await fox.page.evaluate(() => {
    new Image().src = 'http://127.0.0.1:49151/refused';
  });
  await expect.poll(() => fox.wrong.join()).toContain('refused: http://127.0.0.1:49151/refused');
  fox.wrong.length = 0;
});

test('ABBA, by keys alone, loses an update, and it says why', async ({ fox }) => {
  await fox.open();
  await fox.inspect('start');
  await fox.says('.story', 'Lesson 1: Two cashiers');
  await fox.says('#all-title', '4 of 6 orders go wrong');
  await fox.press('a');
  await fox.orderIs('A');
  expect(await fox.count(doomed)).toBe(0);
  await fox.press('b');
  await fox.orderIs('AB');
  await fox.says(doomed, 'DOOMED');
  await fox.inspect('doomed');
  await fox.press('b', 'a');
  await fox.orderIs('ABBA');
  await fox.says('.verdict', '✗ VIOLATED 1 lost update: B was told ok, and its +1 is gone');
  await fox.says('.rows', 'n12nobodynobody'); // n is 1, in its second version
  await fox.inspect('violated');
  await fox.press('w');
  await fox.says(sheet, "A < B because A read n = 0 and did not see B's write");
  await fox.says(sheet, 'Each comes before the other: no serial order explains this history.');
  await fox.inspect('why');
  await fox.press('Escape', 'u');
  await fox.orderIs('ABB');
  await fox.press('r');
  await fox.orderIs('ABBA');
});

test('six orders: four squares and two discs, and the arrows walk along them', async ({ fox }) => {
  await fox.open();
  expect(await fox.count(`${walked} rect.bad`)).toBe(4);
  expect(await fox.count(`${walked} circle.good`)).toBe(2);
  for (const [number, order, end] of [
    [1, 'AABB', 'n = 2: right'],
    [2, 'ABAB', 'n = 1: 1 lost update'],
    [3, 'ABBA', 'n = 1: 1 lost update'],
    [4, 'BAAB', 'n = 1: 1 lost update'],
    [5, 'BABA', 'n = 1: 1 lost update'],
    [6, 'BBAA', 'n = 2: right'],
  ] as const) {
    await fox.press('ArrowRight');
    await fox.says('.walked', `${order}, ${end}`);
    await fox.says('#drawn-title', `The order ${order}`);
    const heard = `order ${number} of 6: ${order}, ${end}`;
    expect(await fox.page.$eval(walked, (one) => one.ariaValueText)).toBe(heard);
  }
  await fox.inspect('walked');
  await fox.tabTo('All orders');
  await fox.press('Enter');
  await fox.orderIs('BBAA');
  await fox.says('.verdict', '✓ HOLDS');
  await fox.inspect('holds');
});

test('a lesson asks first; then what happened stands beside what was said', async ({ fox }) => {
  await fox.open();
  await fox.press('l');
  await fox.says(sheet, 'Lesson 1: Two cashiers');
  await fox.says(sheet, 'Choose first: then it shows what happens.');
  expect(await fox.text(sheet)).not.toContain('so it is');
  expect(await fox.text(sheet)).not.toContain('Run it');
  await fox.inspect('lesson');
  await fox.tabTo('2: each till adds 1');
  await fox.press('Enter');
  await fox.says(sheet, '2: each till adds 1 ✗ you said this');
  await fox.says(sheet, '1: one customer is gone ✓ so it is');
  await fox.tabTo('Run it');
  await fox.press('Enter');
  await fox.says(`${sheet} .terminal`, '0 + 2 acknowledged - 1 overwritten = 1');
  await fox.inspect('lesson-told');
  await fox.tabTo('Be the scheduler');
  await fox.press('Enter');
  await fox.says('.question', 'You said: 2: each till adds 1');
});

test('one knob: what it was before stays beside it', async ({ fox }) => {
  await fox.open();
  await fox.page.select('.knobs label:first-of-type select', 'pessimistic-lock');
  await fox.says('#all-title', '0 of 6 orders go wrong');
  await fox.says('.ghost', 'before: read-modify-write: 4 of 6 orders went wrong');
  await fox.press('a', 'b');
  await fox.orderIs('AB');
  await fox.says('.idle', 'waits for A');
  await fox.inspect('waits');
});

test('a lesson in SQL, with the line that runs', async ({ fox }) => {
  await fox.open('#on-call-doctors?strategy=count-then-leave&isolation=repeatable-read&lesson=7');
  await fox.says('.all', 'when you have said what you think');
  await fox.press('a');
  await fox.orderIs('A');
  await fox.press('f');
  await fox.says(`${sheet} .here`, 'select');
  await fox.inspect('sql-files');
});

test('the search takes what is typed at once', async ({ fox }) => {
  await fox.open();
  await fox.press('/', ...'oversold', 'Enter');
  await fox.says('.top', 'oversold-stock');
  expect(await fox.count(sheet)).toBe(0);
});

test('strategies compared, as a chart and a table', async ({ fox }) => {
  await fox.open();
  await fox.press('m');
  await fox.tabTo('Run 100 of each');
  await fox.press('Enter');
  await fox.page.waitForSelector('svg[aria-label="Runs that go wrong (%), by clients"]');
  await fox.says(`${sheet} tbody tr`, 'read-modify-write');
  await fox.says(`${sheet} tbody tr`, '99 (94.6–100)'); // of 100 runs with two clients
  await fox.inspect('compared');
});

test('the boss level: it fails, and it can be built', async ({ fox }) => {
  await fox.open();
  await fox.press('l');
  await fox.says(sheet, 'Lesson 1');
  await fox.page.select(`${sheet} select`, '12');
  await fox.says(sheet, 'Lesson 12: Boss level: design the endpoint');
  await fox.tabTo('Try every order and every fault');
  await fox.press('Enter');
  await fox.says(`${sheet} .terminal`, 'VIOLATED');
  await fox.inspect('boss');
  const parts = await fox.page.$$(`${sheet} .part select`);
  for (const [i, choice] of ['3', '3', '1', '2', '2'].entries()) await parts[i]?.select(choice);
  await fox.tabTo('Try every order and every fault');
  await fox.press('Enter');
  await fox.says(`${sheet} .terminal`, 'HOLDS');
});

test('the address is the state', async ({ fox }) => {
  await fox.open();
  await fox.press('a', 'b');
  await fox.orderIs('AB');
  const address = '#two-writers/AB?strategy=read-modify-write&lesson=1';
  expect(fox.page.url()).toBe(`file://${build}/racelab.html${address}`);
  await fox.page.reload();
  await fox.ready();
  await fox.orderIs('AB');
  await fox.says('.story', 'Lesson 1: Two cashiers');
  await fox.open('#two-riders');
  await fox.says('[role=alert]', "There is no scenario 'two-riders'; did you mean 'two-writers'?");
  await fox.open('#two-writers?clients=26');
  await fox.says('[role=alert]', 'clients can be 1, 2, 3 or 4 here, not “26”.');
  await fox.inspect('wrong-address');
  expect(await background(fox)).toBe('rgb(255, 255, 255)');
});

test('on a phone, in the dark', async ({ darkFox: fox }) => {
  await fox.open();
  expect(await background(fox)).toBe('rgb(20, 22, 27)'); // #14161b
  const freely = Number.POSITIVE_INFINITY;
  await fox.inspect('phone-start', freely);
  await fox.press('a', 'b', 'b', 'a');
  await fox.orderIs('ABBA');
  await fox.says('.verdict', '✗ VIOLATED');
  await fox.inspect('phone-violated', freely);
  await fox.press('l');
  await fox.says(sheet, 'Choose first');
  await fox.inspect('phone-lesson', freely);
  await fox.press('Escape', 'm');
  await fox.says(sheet, 'Run 100 of each');
  await fox.inspect('phone-compare', freely);
});

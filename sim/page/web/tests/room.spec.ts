// A projector and three phones, served by `racelab host`: they join, lose an update with their own hands, vote, and the line moves on.
import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { type Browser, expect, type Page, test } from '@playwright/test';
import { build, expectGood } from './inspect';

const binary = resolve(build, '../release/racelab');

type Hosted = { process: ChildProcess; projector: string; phones: string; code: string };

async function host(): Promise<Hosted> {
  // A turn that passed on while a screen is looked at would be another story.
  const limits = ['--press-within', '3600'];
  const process = spawn(binary, ['host', '--port', '0', '--page', build, ...limits]);
  let text = '';
  for await (const piece of process.stdout) {
    text += piece;
    if (text.includes('join code')) break;
  }
  const after = (word: string) => new RegExp(`^${word} +(.+)$`, 'm').exec(text)?.[1] ?? '';
  return {
    process,
    projector: after('projector'),
    phones: after('phones'),
    code: after('join code').replace(' ', ''),
  };
}

function listen(page: Page) {
  page.on('pageerror', (error) => {
    throw error;
  });
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('favicon'))
      throw new Error(message.text());
  });
}

async function inspect(page: Page, name: string) {
  await page.screenshot({ path: `${build}/shots/room-${name}.png` });
  await expectGood(page, Number.POSITIVE_INFINITY);
}

async function phone(browser: Browser, { phones, code }: Hosted, name: string): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
    colorScheme: name === 'Ada' ? 'dark' : 'light',
  });
  const page = await context.newPage();
  listen(page);
  await page.goto(`${phones}/#${code}`);
  await page.getByLabel('Your name').fill(name);
  if (name === 'Ada') await inspect(page, 'join');
  await page.getByRole('button', { name: 'Join' }).tap();
  await expect(page.getByText(name, { exact: true })).toBeVisible();
  return page;
}

test('three phones and a projector lose an update', async ({ page, browser }) => {
  const hosted = await host();
  try {
    listen(page);
    await page.goto(hosted.projector);
    await page.waitForFunction(() => document.documentElement.dataset.ready);
    expect(page.url()).not.toContain('present=');
    const room = page.getByRole('region', { name: 'The room' });
    await expect(room).toContainText(`${hosted.code.slice(0, 3)} ${hosted.code.slice(3)}`);

    const ada = await phone(browser, hosted, 'Ada');
    await expect(ada.getByText('your turn')).toBeVisible();
    const bob = await phone(browser, hosted, 'Bob');
    await expect(bob.getByText('your turn')).toBeVisible();
    const cy = await phone(browser, hosted, 'Cy <b>');
    await expect(cy.getByText('You are next in line.')).toBeVisible();
    await expect(room).toContainText('next: Cy <b>');
    await cy.getByRole('button', { name: 'n = 2' }).tap();
    await expect(room).toContainText('1 vote');
    await inspect(cy, 'vote');
    await inspect(ada, 'turn');
    await inspect(page, 'projector');
    await page.keyboard.press('j');
    await expect(page.getByRole('dialog')).toContainText('3 are in');
    await inspect(page, 'door');
    await page.keyboard.press('Escape');

    // ABBA, by hand: with the keyboard, and with a finger.
    const order = page.getByTestId('order');
    await ada.getByRole('button', { name: 'SELECT n' }).tap();
    await expect(order).toHaveText('A');
    await expect(bob.getByRole('button', { name: 'SELECT n' })).toBeFocused();
    await bob.keyboard.press('Enter');
    await expect(order).toHaveText('AB');
    await bob.waitForTimeout(400); // longer than a double tap: less would be one
    await bob.getByRole('button', { name: 'UPDATE n = 1' }).tap();
    await expect(order).toHaveText('ABB');
    await expect(page.locator('.sequence')).toContainText('Bob');
    await ada.getByRole('button', { name: 'UPDATE n = 1' }).tap();
    await expect(page.getByText('✗ VIOLATED')).toBeVisible();
    await inspect(page, 'violated');

    // The line has moved on, and Cy hears what came.
    await expect(cy.getByText('in the next order')).toBeVisible();
    await expect(ada.getByText('You are next in line.')).toBeVisible();
    await expect(ada.getByText('✓ n = 1')).toBeVisible();
    await inspect(ada, 'answer');

    // A phone that loads its page again is where it was.
    await cy.reload();
    await expect(cy.getByText('in the next order')).toBeVisible();
    await page.keyboard.press('0');
    await expect(cy.getByText('your turn')).toBeVisible();

    hosted.process.kill('SIGINT');
    await expect(cy.getByText('The room has ended.')).toBeVisible();
    await expect(room.getByRole('alert')).toHaveText('The room has ended.');
  } finally {
    hosted.process.kill('SIGKILL');
  }
});

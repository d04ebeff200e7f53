// What every state of every page must be: no request, no error, nothing that axe objects to, no scrolling sideways, nothing small.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, type Page } from '@playwright/test';

export const build = resolve(import.meta.dirname, '../../../../build/page');
const axeSource = readFileSync(
  resolve(import.meta.dirname, '../node_modules/axe-core/axe.min.js'),
  'utf8',
);
const complaints = `axe.run().then(({ violations }) =>
  violations.map(({ id, nodes }) => id + ': ' + nodes[0]?.html))`;

type Size = { width: number; height: number; smallest: number };

/** Runs in the page: how much larger than the screen it is, and its smallest text, in CSS pixels. */
const size = (): Size => ({
  width: Math.max(
    document.documentElement.scrollWidth - window.innerWidth,
    ...[...document.querySelectorAll('dialog')].map((one) => one.scrollWidth - one.clientWidth),
  ),
  height: document.documentElement.scrollHeight - window.innerHeight,
  smallest: Math.min(
    ...[...document.querySelectorAll('body *')]
      .filter((one) => one.childNodes.length > 0)
      .map((one) => Number.parseFloat(getComputedStyle(one).fontSize)),
  ),
});

/** Whether an address is of the file itself: anything else is a request. */
export const isOwn = (address: string) => /^(file|blob|data|about):/.test(address);

/** From here on a request to anywhere, or an error, fails the test. */
export function watch(page: Page) {
  page.on('request', (request) => {
    if (!isOwn(request.url())) throw new Error(`asked for ${request.url()}`);
  });
  page.on('pageerror', (error) => {
    throw error;
  });
  page.on('console', (message) => {
    if (message.type() === 'error') throw new Error(message.text());
  });
}

/** A page of either driver: of Playwright’s or of Puppeteer’s. */
type Driven = { evaluate(script: string): Promise<unknown> };

/** `height`: how much higher than the screen it may be, in CSS pixels. */
export async function expectGood(page: Driven, height: number) {
  // The policy of the page lets no script in but its own; axe comes in past it.
  await page.evaluate(`${axeSource}; 0`);
  expect(await page.evaluate(complaints)).toEqual([]);
  const found = (await page.evaluate(`(${size})()`)) as Size;
  expect(found.width).toBeLessThanOrEqual(0);
  expect(found.height).toBeLessThanOrEqual(height);
  expect(found.smallest).toBeGreaterThanOrEqual(18);
}

export async function inspect(
  page: Page,
  name: string,
  project: string,
  height = project === 'projector' ? 0 : Number.POSITIVE_INFINITY,
) {
  await page.screenshot({
    path: `${build}/shots/${project}-${name}.png`,
    fullPage: height > 0,
  });
  await expectGood(page, height);
}

// What every state of every page must be: no request, no error, nothing that axe objects to, no scrolling sideways, nothing small.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, type Page } from '@playwright/test';

export const build = resolve(import.meta.dirname, '../../../../build/page');
const axeSource = readFileSync(
  resolve(import.meta.dirname, '../node_modules/axe-core/axe.min.js'),
  'utf8',
);
declare const axe: { run(): Promise<{ violations: Violation[] }> };
type Violation = { id: string; nodes: { html: string }[] };

/** From here on a request to anywhere, or an error, fails the test. */
export function watch(page: Page) {
  page.on('request', (request) => {
    if (!/^(file|blob|data):/.test(request.url())) throw new Error(`asked for ${request.url()}`);
  });
  page.on('pageerror', (error) => {
    throw error;
  });
  page.on('console', (message) => {
    if (message.type() === 'error') throw new Error(message.text());
  });
}

/** `height`: how much higher than the screen it may be. */
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
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => axe.run());
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  const size = await page.evaluate(() => ({
    width: document.documentElement.scrollWidth - window.innerWidth,
    height: document.documentElement.scrollHeight - window.innerHeight,
    smallest: Math.min(
      ...[...document.querySelectorAll('body *')]
        .filter((one) => one.childNodes.length > 0)
        .map((one) => Number.parseFloat(getComputedStyle(one).fontSize)),
    ),
  }));
  expect(size.width).toBeLessThanOrEqual(0);
  expect(size.height).toBeLessThanOrEqual(height);
  expect(size.smallest).toBeGreaterThanOrEqual(18);
}

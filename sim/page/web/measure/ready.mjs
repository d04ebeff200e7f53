// How long it takes from opening the built file until the page can be used, in both browsers: node measure/ready.mjs [OPENINGS].
// The page says itself when that is, on its own clock, which begins with the navigation. Only a machine that has nothing else to do
// tells the truth: so the load is printed, too.
import { existsSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { resolve } from 'node:path';
import { launch } from 'puppeteer-core';

const file = `file://${resolve(import.meta.dirname, '../../../../build/page/racelab.html')}`;
const openings = Number(process.argv[2] ?? 20);
const installed = (...paths) => paths.find((path) => existsSync(path));
const browsers = [
  {
    browser: 'chrome',
    executablePath: installed('/usr/bin/chromium', '/usr/bin/chromium-browser'),
    args: ['--no-sandbox'],
  },
  { browser: 'firefox', executablePath: installed('/usr/bin/firefox-esr', '/usr/bin/firefox') },
];

/** Milliseconds until something is seen, and until it can be used; a tab of its own each time. */
async function opened(browser) {
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 720 });
  await page.goto(file);
  await page.waitForFunction(() => document.documentElement.dataset.ready);
  const times = await page.evaluate(() => ({
    seen: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
    ready: Number(document.documentElement.dataset.ready),
  }));
  await page.close();
  return times;
}

function words(times) {
  const sorted = [...times].sort((a, b) => a - b);
  const [least, median] = [sorted[0], sorted[Math.floor(sorted.length / 2)]].map(Math.round);
  return `${median} ms, at best ${least} ms`;
}

for (const which of browsers) {
  const browser = await launch({ ...which, headless: true });
  await opened(browser); // the browser’s own beginning is none of the page’s
  const all = [];
  for (let i = 0; i < openings; ++i) all.push(await opened(browser));
  console.log(`${await browser.version()}, median of ${openings} openings`);
  console.log(`  ready       ${words(all.map(({ ready }) => ready))}`);
  console.log(`  first seen  ${words(all.map(({ seen }) => seen))}`);
  await browser.close();
}
console.log(`${cpus().length} cores, load of the last minute ${loadavg()[0].toFixed(1)}`);

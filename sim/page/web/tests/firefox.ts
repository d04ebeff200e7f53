// Firefox, as Debian has it. Playwright drives only a Firefox of its own; Puppeteer drives any, through WebDriver BiDi.
import { existsSync } from 'node:fs';
import { test as base, expect } from '@playwright/test';
import { type Browser, launch, type Page } from 'puppeteer-core';
import { build, expectGood, isOwn } from './inspect';

export { expect };

const executablePath = ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find(existsSync);
export const projector = { width: 1280, height: 720 };
export const phone = { width: 390, height: 844 };

const file = `file://${build}/racelab.html`;

/** A tab of Firefox, and what was wrong in it: a request to anywhere, an error, something that the page’s policy has refused. */
export class Fox {
  readonly wrong: string[] = [];

  private constructor(readonly page: Page) {}

  static async in(browser: Browser): Promise<Fox> {
    const fox = new Fox(await browser.newPage());
    fox.page.on('request', (request) => {
      if (!isOwn(request.url())) fox.wrong.push(`asked for ${request.url()}`);
    });
    fox.page.on('pageerror', (error) => fox.wrong.push(String(error)));
    fox.page.on('console', (message) => {
      if (message.type() === 'error') fox.wrong.push(message.text());
    });
    await fox.page.evaluateOnNewDocument(() =>
      document.addEventListener('securitypolicyviolation', ({ blockedURI }) =>
        console.error(`refused: ${blockedURI}`),
      ),
    );
    return fox;
  }

  /** Opens the built file at an address, and waits until it can be used. */
  async open(address = ''): Promise<void> {
    await this.page.goto('about:blank');
    await this.page.goto(file + address);
    await this.ready();
  }

  ready() {
    return this.page.waitForFunction(() => document.documentElement.dataset.ready);
  }

  /** Presses keys, one after another. */
  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key as 'Enter');
  }

  /** Tab, until what is focused says something; as one without a mouse would. */
  async tabTo(text: string): Promise<void> {
    const focused = () => {
      const here = document.activeElement as HTMLInputElement;
      if (here === document.body) return '';
      return `${here.textContent} ${here.labels?.[0]?.textContent} ${here.ariaLabel}`;
    };
    for (let i = 0; i < 40; ++i) {
      if ((await this.page.evaluate(focused)).includes(text)) return;
      await this.press('Tab');
    }
    throw new Error(`no Tab leads to “${text}”`);
  }

  /** What the first of these elements says; empty: there is none. */
  text(selector: string): Promise<string> {
    return this.page.evaluate((sought) => {
      const text = document.querySelector(sought)?.textContent ?? '';
      return text.replace(/\s+/g, ' ').trim();
    }, selector);
  }

  async says(selector: string, text: string): Promise<void> {
    await expect.poll(() => this.text(selector)).toContain(text);
  }

  async orderIs(order: string): Promise<void> {
    await expect.poll(() => this.text('[data-testid=order]')).toBe(order);
  }

  count(selector: string): Promise<number> {
    return this.page.evaluate((sought) => document.querySelectorAll(sought).length, selector);
  }

  /** Looks at the state that it is in, as tests/inspect.ts does; `height`: how much higher than the screen it may be, in pixels. */
  async inspect(name: string, height = 0): Promise<void> {
    await this.page.screenshot({ path: `${build}/shots/firefox-${name}.png` });
    await expectGood(this.page, height);
  }
}

const begin = (preferences: Record<string, number>) =>
  launch({
    browser: 'firefox',
    executablePath,
    headless: true,
    extraPrefsFirefox: preferences,
  });

const DARK = {
  'layout.css.prefers-color-scheme.content-override': 0,
  'ui.prefersReducedMotion': 1,
};

type Given = { fox: Fox; darkFox: Fox };

async function tab(browser: Browser, size: typeof phone, use: (fox: Fox) => Promise<void>) {
  const fox = await Fox.in(browser);
  await fox.page.setViewport(size);
  await use(fox);
  expect(fox.wrong).toEqual([]);
  await fox.page.close();
}

/** `fox` has the size of a projector; `darkFox` that of a phone, dark, and nothing moves. */
export const test = base.extend<Given, { light: Browser; dark: Browser }>({
  light: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from here
    async ({}, use) => {
      const browser = await begin({});
      await use(browser);
      await browser.close();
    },
    { scope: 'worker' },
  ],
  dark: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from here
    async ({}, use) => {
      const browser = await begin(DARK);
      await use(browser);
      await browser.close();
    },
    { scope: 'worker' },
  ],
  fox: ({ light }, use) => tab(light, projector, use),
  darkFox: ({ dark }, use) => tab(dark, phone, use),
});

/**
 * Hands that never leave the keyboard: what has the focus is known by its name, as a screen reader
 * tells it, and is reached by Tab alone.
 */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { DEADLINE_MS } from './browser.ts';
import { eventually } from './eventually.ts';

/** More than any screen has; whoever needs as many has lost their way. */
const TABS_MAX = 60;

export class Keyboard {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Goes on with Tab until something of this name has the focus. */
  async reach(name: string): Promise<void> {
    const passed: string[] = [];
    const deadline = performance.now() + DEADLINE_MS;
    do {
      for (let tabs = 0; tabs < TABS_MAX; tabs += 1) {
        const focused = await this.focused();
        if (focused === name) return;
        passed.push(focused);
        await this.#page.keyboard.press('Tab');
      }
      // What is awaited may not be there yet.
    } while (performance.now() < deadline);
    assert.fail(`"${name}" is not reached by Tab; passed: ${[...new Set(passed)].join(' · ')}`);
  }

  async press(name: string): Promise<void> {
    await this.reach(name);
    await this.#page.keyboard.press('Enter');
  }

  /** Types into what has the focus; nothing is looked for. */
  async type(text: string): Promise<void> {
    await this.#page.keyboard.type(text);
  }

  async key(key: string): Promise<void> {
    await this.#page.keyboard.press(key);
  }

  async hasFocus(name: string): Promise<void> {
    await eventually(() => this.focused(), name);
  }

  /** The name of what has the focus, and `''` of the page itself. */
  focused(): Promise<string> {
    return this.#page.evaluate(() => {
      const element = document.activeElement;
      if (element === null || element === document.body) return '';
      const labelled = element.getAttribute('aria-labelledby');
      const ids = labelled?.split(' ').map((id) => document.getElementById(id)?.textContent ?? '');
      const labels = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : null;
      const name = element.getAttribute('aria-label') ?? ids?.join(' ') ?? labels;
      return (name ?? element.textContent ?? '').trim();
    });
  }
}

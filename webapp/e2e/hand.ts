/**
 * Somebody with files: presses what a person presses on the cards of a conversation, and reads what
 * stands on them.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { FileChooser, Locator } from 'playwright-core';
import type { Contexts } from './browser.ts';
import { eventually } from './eventually.ts';
import type { Person } from './person.ts';
import { filled, named } from './words.ts';

/** Paths, or files that lie nowhere but in the test. */
type Choice = Parameters<FileChooser['setFiles']>[0];

type Press =
  | 'acceptOf'
  | 'declineOf'
  | 'pauseOf'
  | 'resumeOf'
  | 'cancelOf'
  | 'againOf'
  | 'viewOf'
  | 'saveOf';

/** What one person does with files, and sees of them. */
export class Hand {
  readonly person: Person;
  readonly #peer: Person;

  constructor(person: Person, peer: Person) {
    this.person = person;
    this.#peer = peer;
  }

  get name(): string {
    return this.person.name;
  }

  get page() {
    return this.person.page;
  }

  get dialog(): Locator {
    return this.page.getByRole('dialog');
  }

  async choose(files: Choice): Promise<void> {
    const picking = this.page.waitForEvent('filechooser');
    const attach = named(this.person.words.files.attach, this.#peer.name);
    await this.page.getByRole('button', { name: attach, exact: true }).click();
    await (await picking).setFiles(files);
    await this.dialog.waitFor();
  }

  async mayOnly(file: string, mode: 'view_only' | 'download_only'): Promise<void> {
    const label = filled(this.person.words.files.mayDoOf, { name: this.#peer.name, file });
    await this.dialog.getByLabel(label).selectOption(mode);
  }

  /** So many of the chosen ones can be offered, and are. */
  async offers(count: number): Promise<void> {
    const { send_one, send_other } = this.person.words.files;
    const name = filled(count === 1 ? send_one : send_other, { count: String(count) });
    await this.dialog.getByRole('button', { name, exact: true }).click();
    await this.dialog.waitFor({ state: 'detached' });
  }

  async press(press: Press, file: string): Promise<void> {
    const name = filled(this.person.words.files[press], { file });
    await this.page.getByRole('button', { name, exact: true }).last().click();
  }

  /** Accepts a file, and pauses it in the moment in which that can be done, however fast it comes. */
  async acceptsAndPauses(file: string): Promise<void> {
    const { acceptOf, pauseOf } = this.person.words.files;
    const names = [acceptOf, pauseOf].map((name) => filled(name, { file }));
    // What is offered may still be on its way.
    await this.page
      .getByRole('button', { name: names[0] ?? '', exact: true })
      .last()
      .waitFor();
    await this.page.evaluate(([accept, pause]) => {
      const named = (name = '') => document.querySelector<HTMLElement>(`[aria-label="${name}"]`);
      const pressed = new Promise<void>((resolve) => {
        new MutationObserver((_, watching) => {
          const button = named(pause);
          if (button === null) return;
          watching.disconnect();
          button.click();
          resolve();
        }).observe(document.body, { subtree: true, childList: true, attributes: true });
      });
      named(accept)?.click();
      return pressed;
    }, names);
  }

  async sees(file: string, stage: string): Promise<void> {
    await eventually(() => this.#card(file).getAttribute('data-stage'), stage);
  }

  /** Waits until a file has come whole, for as long as more of it comes. */
  async has(file: string): Promise<void> {
    const stage = () => this.#card(file).getAttribute('data-stage');
    for (let before = -1; ; ) {
      const known = before;
      await eventually(
        async () => (await stage()) !== 'moving' || (await this.#bytes(file)) > known,
        true,
      );
      if ((await stage()) !== 'moving') break;
      before = await this.#bytes(file);
    }
    await this.sees(file, 'delivered');
  }

  async says(file: string, words: string): Promise<void> {
    await this.#card(file).getByText(words).waitFor();
  }

  progress(file: string): Promise<number> {
    return this.#card(file)
      .getByRole('progressbar')
      .evaluate((bar) => (bar as HTMLProgressElement).value);
  }

  /** How much of it has come; nothing once it is not on its way. */
  async #bytes(file: string): Promise<number> {
    const values = await this.#card(file)
      .getByRole('progressbar')
      .evaluateAll((bars) => bars.map((bar) => (bar as HTMLProgressElement).value));
    return values[0] ?? 0;
  }

  async closesView(): Promise<void> {
    await this.page.keyboard.press('Escape');
    await this.dialog.waitFor({ state: 'detached' });
  }

  /** Saves a file, and has the hash of what lies in the folder for downloads. */
  async saves(file: string): Promise<string> {
    const downloading = this.page.waitForEvent('download');
    await this.press('saveOf', file);
    const download = await downloading;
    assert.equal(download.suggestedFilename(), file);
    await this.says(file, this.person.words.files.saved);
    return sha256(await readFile(await download.path()));
  }

  #card(file: string): Locator {
    return this.page
      .locator('[data-transfer-id]')
      .filter({ has: this.page.getByText(file, { exact: true }) })
      .last();
  }
}

/** A browser that saves without asking where: a test cannot answer a picker of the system. */
export function withoutPicker(browser: Contexts): Contexts {
  return {
    async newContext(options) {
      const context = await browser.newContext(options);
      await context.addInitScript(() => Reflect.deleteProperty(window, 'showSaveFilePicker'));
      return context;
    },
  };
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

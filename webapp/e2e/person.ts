/**
 * Somebody at a browser: presses what a person presses, reads what a person reads, and knows no
 * protocol.
 */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { Ending, Line, Phase } from '../src/app/model.ts';
import { assertNoComplaints, type Contexts, openPage, type Watched, watch } from './browser.ts';
import { eventually } from './eventually.ts';
import { linesOn } from './lines.ts';
import { dictionaries, named, type Words } from './words.ts';

const { BASE_URLS = 'http://localhost:8080', PICTURES_DIR } = process.env;

/** The addresses of the running servers. */
export const baseUrls: readonly string[] = BASE_URLS.split(',');

export const PASSWORD = 'three-words-and-7';

/** Who comes: which server they use, and what their browser is like. */
export type Somebody = BrowserContextOptions & {
  readonly called: string;
  /** The number of the server, round and round, or its address. */
  readonly place: number | URL;
  readonly language: 'en' | 'ru';
};

export class Person {
  readonly name: string;
  readonly words: Words;
  #watched: Watched;
  readonly #url: string;

  private constructor(name: string, words: Words, watched: Watched, url: string) {
    this.name = name;
    this.words = words;
    this.#watched = watched;
    this.#url = url;
  }

  /** Opens the chat in a browser of their own; the first person uses the first server, and so on. */
  static async arrive(browser: Contexts, { called, place, language, ...look }: Somebody) {
    const url = place instanceof URL ? place.origin : (baseUrls[place % baseUrls.length] ?? '');
    const watched = await openPage(browser, { ...look, locale: language });
    const name = `${called}-${randomInt(36 ** 4, 36 ** 5).toString(36)}`;
    const person = new Person(name, dictionaries[language], watched, url);
    await watched.page.goto(url);
    return person;
  }

  get watched(): Watched {
    return this.#watched;
  }

  get page(): Page {
    return this.#watched.page;
  }

  // Accounts.

  async register(): Promise<void> {
    const { account } = this.words;
    await this.#press(account.toRegister);
    await this.#fillIn(PASSWORD);
    await this.#press(account.register);
    await this.isHome();
  }

  async signIn(password = PASSWORD): Promise<void> {
    await this.#fillIn(password);
    await this.#press(this.words.account.signIn);
  }

  /** Writes a password without using it, and has a look at it. */
  async lookAtPassword(password: string): Promise<void> {
    await this.#fillIn(password);
    await this.#press(this.words.account.showPassword);
  }

  async signOut(): Promise<void> {
    await this.#press(this.words.account.signOut);
    await this.page.getByRole('heading', { name: this.words.account.signInTitle }).waitFor();
  }

  /** Waits until they are signed in. */
  async isHome(): Promise<void> {
    await this.#button(named(this.words.key.ownOf, this.name)).waitFor();
  }

  /** Closes the page like a tab: no goodbye is pressed. */
  async closePage(): Promise<void> {
    await this.page.close();
  }

  /** Opens the chat again in the same browser, still signed in. */
  async comeBack(): Promise<void> {
    assertNoComplaints(this.#watched);
    this.#watched = watch(await this.page.context().newPage());
    await this.page.goto(this.#url);
    await this.isHome();
  }

  /** Opens the chat once more beside this page, as the same person. */
  async openAgain(): Promise<Person> {
    const watched = watch(await this.page.context().newPage());
    const again = new Person(this.name, this.words, watched, this.#url);
    await again.page.goto(this.#url);
    await again.isHome();
    return again;
  }

  /** The same person at another browser, not signed in. */
  async onAnotherDevice(browser: Contexts): Promise<Person> {
    const locale = this.words === dictionaries.ru ? 'ru' : 'en';
    const watched = await openPage(browser, { locale });
    const there = new Person(this.name, this.words, watched, this.#url);
    await there.page.goto(this.#url);
    return there;
  }

  /** Has the chat on this page: of two that are just opened either may win, so it asks again. */
  async takeOverFrom(other: Person): Promise<void> {
    const ask = this.#button(this.words.link.useHere);
    const yields = other.page.getByText(other.words.link.superseded);
    const askOrYield = async () => {
      if (await ask.isVisible()) await ask.click();
      return yields.isVisible();
    };
    await eventually(askOrYield, true);
  }

  /** Ends their browser; nothing may have been complained about. */
  async goHome(): Promise<void> {
    await this.page.context().close();
    assertNoComplaints(this.#watched);
  }

  /** Opens the settings at one of their parts; the devices are open already. */
  async openSettings(part?: string): Promise<Locator> {
    await this.#press(this.words.settings.title);
    const dialog = this.page.getByRole('dialog');
    if (part !== undefined) await dialog.getByRole('heading', { level: 3, name: part }).click();
    return dialog;
  }

  async closeSettings(): Promise<void> {
    await this.#press(this.words.settings.close);
    await this.page.getByRole('dialog').waitFor({ state: 'detached' });
  }

  // Conversations.

  async find(other: Person): Promise<void> {
    await this.page.getByLabel(this.words.people.title).fill(other.name);
    await this.#button(named(this.words.people.talkTo, other.name)).waitFor();
  }

  async open(other: Person): Promise<void> {
    await this.#press(named(this.words.people.talkTo, other.name));
  }

  async rings(other: Person): Promise<void> {
    await this.#button(named(this.words.incoming.acceptFrom, other.name)).waitFor();
  }

  async accept(other: Person): Promise<void> {
    await this.#press(named(this.words.incoming.acceptFrom, other.name));
  }

  async decline(other: Person): Promise<void> {
    await this.#press(named(this.words.incoming.declineFrom, other.name));
  }

  async retry(): Promise<void> {
    await this.#press(this.words.conversation.retry);
  }

  /** Leaves, and says yes to the question that is asked when something was said or sent. */
  async leave(): Promise<void> {
    const losses = this.page.locator('[data-line-id], [data-transfer-id]');
    const asks = (await losses.count()) > 0;
    await this.#press(this.words.conversation.leave);
    if (asks) {
      const dialog = this.page.getByRole('dialog');
      await dialog.getByRole('button', { name: this.words.conversation.leave }).click();
    }
    await this.#conversation.waitFor({ state: 'detached' });
  }

  /** Puts away a conversation that is over. */
  async close(): Promise<void> {
    await this.#conversation
      .getByRole('button', { name: this.words.conversation.close })
      .first()
      .click();
    await this.#conversation.waitFor({ state: 'detached' });
  }

  /** Waits until the conversation stands somewhere. */
  async sees(phase: Exclude<Phase['is'], 'ended'>): Promise<void> {
    await this.page.locator(`[data-phase="${phase}"]`).waitFor();
  }

  /** Waits until the peer cannot be reached and the conversation goes on all the same. */
  async seesReconnecting(): Promise<void> {
    await this.page.locator('[data-connection="reconnecting"]').waitFor();
  }

  /** Waits until the conversation is over for a reason, with everything that was said gone. */
  async seesEnded(why: Ending, other: Person): Promise<void> {
    const status = this.#conversation.getByRole('status').first();
    await eventually(() => status.textContent(), named(this.words.ended[why], other.name));
    assert.equal(await this.#lines.count(), 0);
  }

  /** Writes without saying it. */
  async draft(text: string): Promise<void> {
    await this.#conversation.getByRole('textbox').fill(text);
  }

  async say(text: string): Promise<void> {
    await this.draft(text);
    await this.#conversation.getByRole('textbox').press('Enter');
  }

  /** Waits until one side's lines are these, in this order. */
  async reads(by: Line['by'], texts: readonly string[]): Promise<void> {
    const read = async () => {
      const lines = await linesOn(this.page);
      return lines.filter((line) => line.by === by).map(({ text }) => text);
    };
    await eventually(read, [...texts]);
  }

  /** Waits until every own line has come to a state. */
  async ownLinesAre(state: Line['state']): Promise<void> {
    const states = async () => {
      const lines = await linesOn(this.page);
      return [...new Set(lines.filter(({ by }) => by === 'me').map((line) => line.state))];
    };
    await eventually(states, [state]);
  }

  // Fingerprints.

  /** The own and the peer's fingerprint as the conversation shows them. */
  async fingerprints(picture?: string): Promise<{ own: string; peer: string }> {
    const { conversation, key } = this.words;
    await this.#press(`${conversation.fingerprints}: ${key.notVerified}`);
    if (picture !== undefined) await this.takePicture(picture);
    const [peer = '', own = ''] = await this.#shownFingerprints();
    await this.page.keyboard.press('Escape');
    await this.page.getByRole('dialog').waitFor({ state: 'detached' });
    return { own, peer };
  }

  /** Says that the peer's key was compared, and sees it marked. */
  async confirm(other: Person): Promise<void> {
    const { conversation, key } = this.words;
    await this.#press(`${conversation.fingerprints}: ${key.notVerified}`);
    await this.#press(named(key.confirm, other.name));
    await this.page.keyboard.press('Escape');
    await this.isVerified();
  }

  /** Waits until the open conversation is marked as one with a key that was compared. */
  async isVerified(): Promise<void> {
    const { conversation, key } = this.words;
    await this.#button(`${conversation.fingerprints}: ${key.verifiedMark}`).waitFor();
  }

  /** Opens the place where both codes are compared by a camera. */
  async openCode(): Promise<Locator> {
    const { conversation, key, scan } = this.words;
    await this.#press(`${conversation.fingerprints}: ${key.notVerified}`);
    await this.page.getByText(scan.title).click();
    const code = this.page.locator('[data-qr]');
    await code.waitFor();
    return code;
  }

  /** The own fingerprint as the header shows it. */
  async ownFingerprint(): Promise<string> {
    await this.#press(named(this.words.key.ownOf, this.name));
    const [own = ''] = await this.#shownFingerprints();
    await this.page.keyboard.press('Escape');
    await this.page.getByRole('dialog').waitFor({ state: 'detached' });
    return own;
  }

  async takePicture(step: string): Promise<void> {
    if (PICTURES_DIR === undefined) return;
    await mkdir(PICTURES_DIR, { recursive: true });
    await this.page.mouse.move(0, 0);
    const path = join(PICTURES_DIR, `${step}.png`);
    await this.page.screenshot({ path, animations: 'disabled' });
  }

  get #conversation(): Locator {
    return this.page.locator('[data-phase]');
  }

  get #lines(): Locator {
    return this.page.locator('[data-line-id]');
  }

  async #shownFingerprints(): Promise<string[]> {
    const shown = this.page.getByRole('dialog').locator('[data-fingerprint]');
    await shown.first().waitFor();
    const fingerprints = await shown.allTextContents();
    for (const groups of fingerprints) assert.match(groups, /^([0-9a-f]{4} ){16}$/);
    return fingerprints.map((groups) => groups.replaceAll(' ', ''));
  }

  async #fillIn(password: string): Promise<void> {
    await this.page.getByLabel(this.words.account.username).fill(this.name);
    await this.page.getByLabel(this.words.account.password, { exact: true }).fill(password);
  }

  #button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  async #press(name: string): Promise<void> {
    await this.#button(name).click();
  }
}

/** Alice rings, Bob accepts, both see *secure*. */
export async function talk(alice: Person, bob: Person): Promise<void> {
  await alice.find(bob);
  await alice.open(bob);
  await bob.rings(alice);
  await bob.accept(alice);
  await Promise.all([alice.sees('secure'), bob.sees('secure')]);
}

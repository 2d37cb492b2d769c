/**
 * Two people in two real browsers who say canaries in every way that there is, and make sure that
 * each arrived: what was never said is found nowhere.
 *
 * Texts and edits are typed into the page, and files are chosen in it. Its pickers offer neither any
 * reaction nor any bytes as a voice; the page's own worker is asked for those (`webapp/e2e/asking.ts`).
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Asker, keepingWorkers } from '../../../webapp/e2e/asking.ts';
import type { Contexts } from '../../../webapp/e2e/browser.ts';
import { eventually } from '../../../webapp/e2e/eventually.ts';
import { Hand } from '../../../webapp/e2e/hand.ts';
import { write } from '../../../webapp/e2e/line-hands.ts';
import { Person, talk } from '../../../webapp/e2e/person.ts';
import type { Sent } from '../../../webapp/e2e/sent.ts';
import { SUBPROTOCOL } from '../../../webapp/src/core/wire/generated.ts';
import { canary } from '../search/canary.ts';
import { bytesOf, type Planted } from './plants.ts';

const VOICE = { accessMode: 'both', kind: 'voice', durationMs: 3_000 } as const;
/** A file of several chunks of 64 KiB; every eighth is larger. */
const FILE_BYTES = 150_000;
const LARGE_FILE_BYTES = 300_000;
const CHUNK_BYTES = 65_536;

/** What people say in which way. */
export type Words = {
  readonly texts: readonly string[];
  readonly edits: readonly string[];
  readonly reactions: readonly string[];
  readonly names: readonly string[];
  /** In the bytes of files, at several places of each. */
  readonly bytes: readonly string[];
};

export type WayToSay = keyof Words;

/** So many new canaries, each kind as even a number as both need. */
export function wordsOf(count: number, flock: string): Words {
  const some = (share: number) =>
    Array.from({ length: 2 * Math.round((share * count) / 2) }, () => canary(flock));
  const [edits, reactions, names, bytes] = [some(0.2), some(0.15), some(0.125), some(0.125)];
  const others = [edits, reactions, names, bytes].flat().length;
  const texts = Array.from({ length: count - others }, () => canary(flock));
  return { texts, edits, reactions, names, bytes };
}

/** Has a page send what was planted, as if a script of it gave everything away. */
export async function plantInPage(contexts: Contexts, url: string, plants: Planted): Promise<void> {
  const context = await contexts.newContext();
  const page = await context.newPage();
  await page.goto(url);
  const frame = [...bytesOf(plants.page)];
  const code = await page.evaluate(
    ([bytes, protocol]) =>
      new Promise<number>((resolve) => {
        const socket = new WebSocket('/ws/', protocol);
        socket.onopen = () => socket.send(Uint8Array.from(bytes));
        // Nobody has said who this is: the server hangs up.
        socket.onclose = ({ code }) => resolve(code);
      }),
    [frame, SUBPROTOCOL] as const,
  );
  assert.notEqual(code, 1006, 'the page has sent it');
  await context.close();
}

type Side = { readonly person: Person; readonly asker: Asker };

export class Talk {
  readonly #alice: Side;
  readonly #bob: Side;

  private constructor(alice: Side, bob: Side) {
    this.#alice = alice;
    this.#bob = bob;
  }

  /** Both are in a secure conversation, each at an edge of their own. */
  static async begin(
    browser: Contexts,
    urls: readonly [string, string],
    sent: Sent,
  ): Promise<Talk> {
    const contexts = keepingWorkers(sent.from(browser));
    const alice = await arrive(contexts, 'alice', urls[0]);
    const bob = await arrive(contexts, 'bob', urls[1]);
    await talk(alice.person, bob.person);
    return new Talk(alice, bob);
  }

  /** Each says a half of it. Done when everything has arrived. */
  async say(words: Words): Promise<void> {
    const [ofAlice, ofBob] = [halfOf(words, 0), halfOf(words, 1)];
    await Promise.all([
      sendVoices(this.#alice, this.#bob, ofAlice),
      sendVoices(this.#bob, this.#alice, ofBob),
      this.#useScreens(ofAlice, ofBob),
    ]);
  }

  /** One after the other: a dialog about a file takes the keyboard from whoever types. */
  async #useScreens(ofAlice: Words, ofBob: Words): Promise<void> {
    for (const [from, to, words] of [
      [this.#alice, this.#bob, ofAlice],
      [this.#bob, this.#alice, ofBob],
    ] as const) {
      await sayLines(from, to, words);
      await chooseFiles(from, to, words);
    }
  }

  /** Alice leaves; what was said is gone from both pages. */
  async end(): Promise<void> {
    const [alice, bob] = [this.#alice.person, this.#bob.person];
    await alice.leave();
    await bob.seesEnded('left', alice);
  }

  async goHome(): Promise<void> {
    await Promise.all([this.#alice.person.goHome(), this.#bob.person.goHome()]);
  }
}

async function arrive(contexts: Contexts, called: string, url: string): Promise<Side> {
  const place = new URL(url);
  const person = await Person.arrive(contexts, { called, place, language: 'en' });
  await person.register();
  return { person, asker: new Asker(person.page) };
}

function halfOf(words: Words, half: 0 | 1): Words {
  const of = (all: readonly string[]) => all.filter((_, n) => n % 2 === half);
  const { texts, edits, reactions, names, bytes } = words;
  return {
    texts: of(texts),
    edits: of(edits),
    reactions: of(reactions),
    names: of(names),
    bytes: of(bytes),
  };
}

/** Types texts, changes the first of them, and reacts to lines of the other. */
async function sayLines(from: Side, to: Side, words: Words): Promise<void> {
  const { texts, edits, reactions } = words;
  const before = await textsOf(to, 'peer');
  for (const [n, text] of texts.entries()) {
    await from.person.say(text);
    const edit = edits[n];
    if (edit !== undefined) await change(from, to, [...before, ...edits.slice(0, n), text], edit);
  }
  const said = [...before, ...edits, ...texts.slice(edits.length)];
  await eventually(() => textsOf(to, 'peer'), said);

  // A line has one reaction of each; the next takes the place of the one before.
  const own = (await from.asker.lines()).find(({ by }) => by === 'me');
  for (const emoji of reactions) {
    await from.asker.ask('react', own?.id ?? '', emoji);
    await eventually(() => reactionsOf(to), [emoji]);
  }
  await from.asker.ask('react', own?.id ?? '', null);
  await eventually(() => reactionsOf(to), []);
}

/** Changes what was said last, once the other has read it as it was. */
async function change(from: Side, to: Side, read: readonly string[], edit: string): Promise<void> {
  await eventually(() => textsOf(to, 'peer'), [...read]);
  await from.person.page.locator('textarea').press('ArrowUp');
  await write(from.person, edit);
  await eventually(() => textsOf(to, 'peer'), [...read.slice(0, -1), edit]);
}

/** Every other name is that of a file, which is chosen, offered and accepted in the pages. */
async function chooseFiles(from: Side, to: Side, { names, bytes }: Words): Promise<void> {
  const [sender, receiver] = [new Hand(from.person, to.person), new Hand(to.person, from.person)];
  for (const [n, name] of names.entries()) {
    if (isVoice(n)) continue;
    const buffer = contentOf(bytes[n] ?? '', n);
    await sender.choose([{ name, mimeType: 'application/octet-stream', buffer }]);
    await sender.offers(1);
    await receiver.press('acceptOf', name);
    await receiver.has(name);
  }
}

/** The others are those of voices. */
async function sendVoices(from: Side, to: Side, { names, bytes }: Words): Promise<void> {
  for (const [n, name] of names.entries()) {
    if (!isVoice(n)) continue;
    const content = contentOf(bytes[n] ?? '', n).toString('base64');
    await from.asker.sendFile({ name, mime: 'audio/ogg', bytes: content, as: VOICE });
    await eventually(() => arrived(to, name), true);
  }
}

function isVoice(n: number): boolean {
  return n % 2 === 1;
}

/** Something to be found at its start, across the border of two chunks, at that of one, and at its end. */
function contentOf(text: string, n: number): Buffer {
  const content = randomBytes(n % 8 === 0 ? LARGE_FILE_BYTES : FILE_BYTES);
  const word = Buffer.from(text);
  for (const at of [0, CHUNK_BYTES - 10, 2 * CHUNK_BYTES, content.length - word.length]) {
    word.copy(content, at);
  }
  return content;
}

/** Whether a voice of this name has come whole; one that is offered is taken. */
async function arrived({ asker }: Side, name: string): Promise<boolean> {
  const file = (await asker.transfers()).find((each) => each.by === 'peer' && each.name === name);
  if (file?.stage.is === 'offered') await asker.ask('acceptFile', file.id);
  assert.notEqual(file?.stage.is, 'ended', `${name} did not arrive`);
  return file?.stage.is === 'delivered';
}

async function textsOf({ asker }: Side, by: 'me' | 'peer'): Promise<string[]> {
  const lines = await asker.lines();
  return lines.filter((line) => line.by === by).map(({ text }) => text);
}

/** What the other side has reacted with. */
async function reactionsOf({ asker }: Side): Promise<string[]> {
  const all = (await asker.lines()).flatMap(({ reactions }) => reactions);
  return all.filter(({ by }) => by === 'peer').map(({ emoji }) => emoji);
}

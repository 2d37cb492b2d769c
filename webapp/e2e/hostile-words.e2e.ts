/**
 * Somebody says, and is called, what would run as a script in a careless page: nothing runs, no
 * report of the policy is left unexplained, and everything is read as it was written. Against
 * running servers, like `two-people.e2e.ts`, and for names over the harness, because a server of
 * ours makes none like these and one that was taken over does.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { AppView } from '../src/app/model.ts';
import { secure, signedIn, theirs } from '../src/features/test/views.ts';
import { Asker, keepingWorkers } from './asking.ts';
import { assertNoComplaints, type Contexts, launch, openPage } from './browser.ts';
import { eventually } from './eventually.ts';
import { type Harness, serveHarness } from './harness/serve.ts';
import { ELSEWHERE, hostileWords } from './hostile-words.ts';
import { linesOn } from './lines.ts';
import { baseUrls, Person, talk } from './person.ts';
import { setTraps, type Traps } from './traps.ts';

/** As many as a conversation keeps unacknowledged, and fewer. */
const AT_ONCE = 100;

describe('hostile words', () => {
  let browser: Browser;
  let harness: Harness;

  before(async () => {
    [browser, harness] = await Promise.all([launch(), serveHarness()]);
  });
  after(async () => {
    await browser.close();
    await harness.stop();
  });

  it('are many', () => {
    assert.ok(hostileWords.length >= 500, `${hostileWords.length}`);
    assert.ok(hostileWords.every((words) => words.length <= 4_000));
  });

  it('are noticed when they run: the control', async () => {
    const context = await browser.newContext({ bypassCSP: true });
    const traps = await setTraps(context);
    const page = await context.newPage();
    await page.goto(baseUrls[0] ?? '');
    await page.setContent('<img src=x onerror="ran(\'planted\')"><script>alert("said")</script>');
    await eventually(
      async () => (await traps.sprung(page)).filter((what) => /planted|said/.test(what)).sort(),
      ['a dialog: said', 'a script ran: planted'],
    );
    await context.close();
  });

  it('would be refused by the policy of the served page, and that is noticed', async () => {
    const context = await browser.newContext();
    const traps = await setTraps(context);
    const page = await context.newPage();
    await page.goto(baseUrls[0] ?? '');
    const refused = await page.evaluate(tryToRun);
    assert.deepEqual(refused, ['innerHTML', 'eval', 'Function', 'script text', 'script address']);
    await page.evaluate((address) => {
      document.body.append(Object.assign(new Image(), { src: address }));
    }, ELSEWHERE);
    const reports = async () => (await traps.sprung(page)).map((what) => what.split(' ')[2]);
    await eventually(async () => (await reports()).includes('img-src'), true);
    assert.ok((await traps.sprung(page)).every((what) => /^a (report|request): /.test(what)));
    await context.close();
  });

  it('do nothing where two people say them', async () => {
    const trapped: Traps[] = [];
    const contexts: Contexts = keepingWorkers(trapping(browser, trapped));
    const alice = await Person.arrive(contexts, { called: 'alice', place: 0, language: 'en' });
    const bob = await Person.arrive(contexts, { called: 'bob', place: 1, language: 'ru' });
    await Promise.all([alice.register(), bob.register()]);
    await talk(alice, bob);
    const [asker, hearer] = [new Asker(alice.page), new Asker(bob.page)];
    for (let from = 0; from < hostileWords.length; from += AT_ONCE) {
      const said = hostileWords.slice(0, from + AT_ONCE);
      for (const text of said.slice(from)) await asker.ask('say', text);
      await eventually(async () => (await hearer.lines()).length, said.length);
    }
    const heard = (await hearer.lines()).map(({ text }) => text);
    assert.deepEqual(changed(hostileWords, heard), []);
    // Whoever goes through the list sees the same.
    const drawn = async () => (await linesOn(bob.page)).filter(({ by }) => by === 'peer');
    await eventually(async () => (await drawn()).length, heard.length);
    const seen = (await drawn()).map(({ text }) => text);
    assert.deepEqual(changed(heard, seen), []);
    for (const [person, traps] of [
      [alice, trapped[0]],
      [bob, trapped[1]],
    ] as const) {
      assert.deepEqual(await traps?.sprung(person.page), []);
    }
    await Promise.all([alice.goHome(), bob.goHome()]);
  });

  it('do nothing where they are names', async () => {
    const trapped: Traps[] = [];
    const watched = await openPage(trapping(browser, trapped), { locale: 'en' });
    const { page } = watched;
    await page.goto(harness.url);
    for (const name of hostileWords) {
      for (const view of viewsOf(name)) await show(page, view);
    }
    assert.deepEqual(await trapped[0]?.sprung(page), []);
    assert.equal(await page.evaluate(() => document.scripts.length), 1);
    assertNoComplaints(watched);
    await page.context().close();
  });
});

function trapping(browser: Contexts, trapped: Traps[]): Contexts {
  return {
    async newContext(options) {
      const context = await browser.newContext(options);
      trapped.push(await setTraps(context));
      return context;
    },
  };
}

/** What did not arrive as it was, in place of a thousand lines that did. */
function changed(said: readonly string[], heard: readonly (string | null)[]) {
  assert.equal(heard.length, said.length);
  return said.flatMap((text, at) => (heard[at] === text ? [] : [{ said: text, heard: heard[at] }]));
}

/** Wherever a name, or another word of somebody else, is shown. */
function viewsOf(name: string): AppView[] {
  const person = { id: name, name };
  const comparison = null;
  const talking = { peer: person, keyHistory: [], comparison };
  const device = { id: name, userAgent: name, address: name, madeAt: 0, usedAt: 0, current: false };
  return [
    signedIn({
      me: person,
      incoming: [person],
      recent: [person],
      blocked: [{ ...person, id: `${name}2` }],
      verified: [name],
      presence: { [name]: 'here' },
      search: { query: name, people: { is: 'answered', value: [person] } },
      devices: { is: 'answered', value: [device] },
    }),
    signedIn({
      search: { query: name, people: { is: 'failed', fault: { code: name, traceId: name } } },
      conversation: { ...talking, phase: secure([theirs(name)]) },
    }),
    signedIn({
      conversation: { ...talking, phase: { is: 'blocked', pinned: name, offered: name } },
    }),
    { at: 'unreachable', fault: { code: name, traceId: name } },
  ];
}

async function show(page: Page, view: AppView): Promise<void> {
  await page.evaluate((next) => window.harness.show(next), view);
}

/** Which ways to run text the browser refused. Runs in the page. */
async function tryToRun(): Promise<string[]> {
  // What a debugger runs at once may evaluate text; what runs after it is the page's own.
  await new Promise((drawn) => requestAnimationFrame(drawn));
  const script = document.createElement('script');
  const ways: readonly [string, () => unknown][] = [
    ['innerHTML', () => document.body.insertAdjacentHTML('beforeend', '<b>x</b>')],
    // biome-ignore lint/security/noGlobalEval: that it is refused is what is asked.
    ['eval', () => Reflect.apply(globalThis.eval, null, ['1'])],
    ['Function', () => new Function('return 1')()],
    ['script text', () => Object.assign(script, { text: 'ran(1)' })],
    ['script address', () => Object.assign(script, { src: '/x.js' })],
  ];
  return ways.flatMap(([way, act]) => {
    try {
      act();
      return [];
    } catch {
      return [way];
    }
  });
}

/** Signing up, in and out; keys; and finding people. */
import { describe, expect, it } from 'vitest';
import { Account } from '../core/auth/driver.ts';
import { noble } from '../core/crypto/suite/noble.ts';
import { memoryTurnstile } from '../test/memory-turnstile.ts';
import {
  memoryDurability,
  memoryMarks,
  memoryOwedLogout,
  memoryPeople,
  memoryPins,
  memoryVault,
} from '../test/memory-vault.ts';
import { seededRandom } from '../test/seeded-random.ts';
import { CHEAP_SEAL, over, PASSWORD, Story } from '../test/story.ts';
import { TestServer } from '../test/test-server.ts';

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never: ${condition}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Somebody signed in whose server answers when the test lets it. */
async function slowAccount(vault = memoryVault()) {
  const server = new TestServer();
  const answers = { hold: false, waiting: [] as (() => void)[], release: () => {} };
  answers.release = () => {
    answers.hold = false;
    for (const answer of answers.waiting.splice(0)) answer();
  };
  const jar = server.browser();
  const account = new Account({
    vault,
    marks: memoryMarks(),
    pins: memoryPins(),
    people: memoryPeople(),
    turnstile: memoryTurnstile(),
    owedLogout: memoryOwedLogout(),
    durability: memoryDurability(),
    primitives: noble,
    random: seededRandom(1),
    sealCost: CHEAP_SEAL,
    holding: 'handle',
    http: {
      send: async (request) => {
        const answer = await jar.send(request);
        if (answers.hold) await new Promise<void>((resolve) => answers.waiting.push(resolve));
        return answer;
      },
    },
  });
  await until(() => account.state.at === 'signedOut');
  account.register({ name: 'alice', password: 'correct horse 1' });
  await until(() => account.state.at === 'signedIn');
  return { account, server, answers };
}

describe('the account', () => {
  it('[AUTH1] finds out at the start whether somebody is signed in', async () => {
    const story = new Story();
    const browser = story.browser();
    expect(browser.view).toEqual({ at: 'starting' });
    await story.until(() => browser.view.at === 'signedOut');
    expect(browser.view).toMatchObject({
      busy: false,
      fault: null,
      limits: { usernameCharsMin: 3, passwordCharsMax: 128, searchCharsMin: 2 },
    });
    const alice = await story.person('alice');
    const reloaded = story.browser(alice);
    await story.until(() => reloaded.isOnline);
    expect(reloaded.home.me).toEqual(alice.home.me);
    expect(reloaded.home.key.is).toBe('ready');
  });

  it('[AUTH2] says that the server cannot be reached, and looks again on request', async () => {
    const story = new Story();
    story.server.down = true;
    const browser = story.browser();
    await story.until(() => browser.view.at === 'unreachable');
    expect(browser.view).toMatchObject({ fault: { code: 'NETWORK', traceId: null } });
    story.server.down = false;
    browser.model.restart();
    await story.until(() => browser.view.at === 'signedOut');
    story.server.failures.set('/api/auth/refresh', { status: 503, code: 'SERVICE_UNAVAILABLE' });
    const other = story.browser();
    await story.until(() => other.view.at === 'unreachable');
    expect(other.view).toMatchObject({
      fault: { code: 'SERVICE_UNAVAILABLE', traceId: 'trace-1' },
    });
  });

  it('[AUTH3] registers with a key made here, kept here, and published', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    expect(alice.home.me.name).toBe('alice');
    expect(alice.home.key.is).toBe('ready');
    const kept = await alice.platform.vault.load(alice.me.id);
    expect(kept?.key.is === 'handle' && kept.key.key.extractable).toBe(false);
    expect(kept?.sealedSeed).not.toBeNull();
    expect(story.server.users.get(alice.me.id)?.key).not.toBeNull();
  });

  it('[AUTH4] shows why it was refused, and what the server calls the request', async () => {
    const story = new Story();
    await story.person('alice');
    const browser = story.browser();
    await story.until(() => browser.view.at === 'signedOut');
    browser.model.register('alice', 'correct horse 1');
    expect(browser.view).toMatchObject({ at: 'signedOut', busy: true, fault: null });
    await story.until(() => browser.view.at === 'signedOut' && !browser.view.busy);
    expect(browser.view).toMatchObject({ fault: { code: 'USERNAME_TAKEN', traceId: 'trace-1' } });
    browser.model.signIn('alice', 'wrong');
    await story.until(() => browser.view.at === 'signedOut' && !browser.view.busy);
    expect(browser.view).toMatchObject({ fault: { code: 'INVALID_CREDENTIALS' } });
    browser.signIn('alice');
    await story.until(() => browser.isOnline);
  });

  it('[AUTH4] shows that this browser cannot keep a key', async () => {
    const story = new Story();
    const { platform } = story.browser();
    const vault = { ...platform.vault, add: () => Promise.reject(new Error('disk full')) };
    const { Services } = await import('./services.ts');
    const model = new Services({ ...platform, vault });
    await story.until(() => model.snapshot().at === 'signedOut');
    model.register('alice', 'correct horse 1');
    await story.until(() => {
      const view = model.snapshot();
      return view.at === 'signedOut' && view.fault?.code === 'INTERNAL_ERROR' && !view.busy;
    });
  });

  it('[AUTH5] makes one refresh for however many ask, and repeats a refused request once', async () => {
    const { account, server } = await slowAccount();
    server.expireTokens();
    server.requests.length = 0;
    const me = { method: 'GET', path: '/api/chat/me' } as const;
    const answers = await Promise.all([1, 2, 3].map(() => account.ask(me, (body) => body)));
    expect(answers.every(({ ok }) => ok)).toBe(true);
    const count = (request: string) => server.requests.filter((r) => r === request).length;
    expect(count('POST /api/auth/refresh')).toBe(1);
    expect(count('GET /api/chat/me')).toBe(6);
  });

  it('[AUTH6] signs out when the server ended the login', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    story.server.expireTokens();
    const fault = { status: 401, code: 'INVALID_REFRESH_TOKEN' };
    story.server.failures.set('/api/auth/refresh', fault);
    alice.model.find('bo');
    await story.until(() => alice.view.at === 'signedOut');
    expect(alice.view).toMatchObject({ busy: false, fault: { code: 'INVALID_REFRESH_TOKEN' } });
    await story.pass(1_000);
    expect([...story.server.users.keys()].some((id) => story.server.isOnline(id))).toBe(false);
  });

  it('[AUTH7] signing out ends login and link, and signing in begins both anew', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    const { me } = alice;
    alice.model.signOut();
    await story.until(() => alice.view.at === 'signedOut' && !alice.view.busy);
    await story.quiet();
    expect(story.server.isOnline(me.id)).toBe(false);
    const reloaded = story.browser(alice);
    await story.until(() => reloaded.view.at === 'signedOut');
    alice.signIn('alice');
    await story.until(() => alice.isOnline);
    expect(alice.home.key.is).toBe('ready');
  });

  it('[AUTH7] a token that comes after signing out is thrown away', async () => {
    const { account, answers } = await slowAccount();
    const token = await account.accessToken();
    answers.hold = true;
    const late = account.renewedToken(token.ok ? token.value : '');
    account.signOut();
    answers.release();
    expect(await late).toMatchObject({ ok: false, fault: { code: 'TOKEN_REVOKED' } });
    await until(() => account.state.at === 'signedOut' && !account.state.busy);
    expect(await account.accessToken()).toMatchObject({ ok: false });
  });

  it('[AUTH7] a key that is asked for is not published once its person has signed out', async () => {
    const { account, server, answers } = await slowAccount();
    const [user] = server.users.values();
    if (user === undefined) throw new Error('Alice is registered');
    user.key = null;
    account.signOut();
    await until(() => account.state.at === 'signedOut' && !account.state.busy);
    account.signIn({ name: 'alice', password: PASSWORD });
    await until(() => account.state.at === 'signedIn');
    answers.hold = true;
    account.publishKey(PASSWORD);
    await until(() => answers.waiting.length === 1);
    account.signOut();
    answers.release();
    await until(() => account.state.at === 'signedOut' && !account.state.busy);
    const count = () => server.requests.filter((r) => r === 'POST /api/auth/logout').length;
    // One of before, that of the person, and that of the login which nobody wanted any more.
    await until(() => count() === 3);
    expect(await account.accessToken()).toMatchObject({ ok: false });
    expect(user.key).toBeNull();
  });

  it('[AUTH7] a key that was kept while its person signed out is not published for another', async () => {
    const vault = memoryVault();
    const keeping = Promise.withResolvers<void>();
    let holds = false;
    const add: typeof vault.add = async (...given) => {
      if (holds) await keeping.promise;
      return vault.add(...given);
    };
    const { account, server } = await slowAccount({ ...vault, load: async () => null, add });
    const [alice] = server.users.values();
    if (alice === undefined) throw new Error('Alice is registered');
    alice.key = null;
    account.signOut();
    await until(() => account.state.at === 'signedOut' && !account.state.busy);
    account.signIn({ name: 'alice', password: PASSWORD });
    await until(() => account.state.at === 'signedIn');
    holds = true;
    account.publishKey(PASSWORD);
    await until(() => server.requests.at(-1) === 'POST /api/auth/login');
    await new Promise((resolve) => setImmediate(resolve));
    account.signOut();
    await until(() => account.state.at === 'signedOut' && !account.state.busy);
    holds = false;
    account.register({ name: 'bob', password: PASSWORD });
    await until(() => account.state.at === 'signedIn');
    const bobs = [...server.users.values()].find(({ name }) => name === 'bob')?.key;
    const before = account.state;
    keeping.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(server.requests).not.toContain('POST /api/identity/update-public-key');
    expect([...server.users.values()].map(({ key }) => key)).toEqual([null, bobs]);
    expect(account.state).toBe(before);
  });

  it('[AUTH12] sends a password in one spelling, whichever the keyboard writes', async () => {
    const { account, server } = await slowAccount();
    const composed = 'correct h\u00f6rse 1';
    const apart = 'correct ho\u0308rse 1';
    account.signOut();
    await until(() => account.state.at === 'signedOut' && !account.state.busy);
    account.register({ name: 'bob', password: apart });
    await until(() => account.state.at === 'signedIn');
    expect([...server.users.values()].map(({ password }) => password)).toContain(composed);
    for (const password of [composed, apart]) {
      account.signOut();
      await until(() => account.state.at === 'signedOut' && !account.state.busy);
      account.signIn({ name: 'bob', password });
      await until(() => account.state.at === 'signedIn');
    }
  });

  it('[AUTH8] shows a missing key and publishes one', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    const account = story.server.users.get(alice.me.id);
    if (account) account.key = null;
    const reloaded = story.browser(alice);
    await story.until(() => reloaded.isOnline);
    expect(reloaded.home.key).toEqual({ is: 'missing' });
    reloaded.model.publishKey(PASSWORD);
    expect(reloaded.home.publishing).toEqual({ is: 'asking' });
    await story.until(() => reloaded.home.publishing.is === 'answered');
    expect(reloaded.home.key.is).toBe('ready');
    expect(account?.key).not.toBeNull();
  });

  it('[AUTH8] shows a key that is elsewhere, and why it may not be replaced', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    const elsewhere = story.browser();
    await story.until(() => elsewhere.view.at === 'signedOut');
    elsewhere.signIn('alice');
    await story.until(() => elsewhere.isOnline);
    expect(elsewhere.home.key).toEqual({ is: 'elsewhere' });
    const fault = { status: 403, code: 'REAUTHENTICATION_REQUIRED' };
    story.server.failures.set('/api/identity/update-public-key', fault);
    elsewhere.model.publishKey(PASSWORD);
    await story.until(() => elsewhere.home.publishing.is === 'failed');
    expect(elsewhere.home.publishing).toMatchObject({ fault: { code: fault.code } });
    expect(elsewhere.home.key).toEqual({ is: 'elsewhere' });
    elsewhere.model.open(alice.me);
    expect(elsewhere.home.conversation).toBeNull();
  });

  it('[AUTH8] declines who rings while there is no key to answer with', async () => {
    const story = new Story();
    const [alice, bob] = [await story.person('alice'), await story.person('bob')];
    const elsewhere = story.browser();
    await story.until(() => elsewhere.view.at === 'signedOut');
    elsewhere.signIn('alice');
    await story.until(() => elsewhere.isOnline && alice.home.link.is === 'superseded');
    bob.model.open(elsewhere.me);
    await story.until(() => bob.phase?.is === 'ended');
    expect(bob.phase).toEqual(over('declined'));
  });

  it('[AUTH9] keeps passwords and tokens out of everything that can be seen', async () => {
    const story = new Story();
    const seen: string[] = [];
    const browser = story.browser();
    browser.model.subscribe(() => seen.push(JSON.stringify(browser.view)));
    await story.until(() => browser.view.at === 'signedOut');
    browser.model.register('alice', 'a secret of mine 1');
    await story.until(() => browser.isOnline);
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.join()).not.toMatch(/a secret of mine|token-/);
  });

  it('[AUTH10] is the same object until something changed', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    await story.quiet();
    const before = alice.view;
    alice.model.say('to nobody');
    alice.model.leave();
    await story.quiet();
    expect(alice.view.at).toBe('signedIn');
    expect(alice.model.snapshot()).toBe(alice.model.snapshot());
    expect(before.at === 'signedIn' && before.search).toBe(alice.home.search);
  });

  it('[AUTH11] says why nothing can work here', async () => {
    const { Services } = await import('./services.ts');
    const story = new Story();
    const { platform } = story.browser();
    for (const why of ['insecureContext', 'missingCrypto'] as const) {
      const model = new Services({ ...platform, unsupported: async () => why });
      await story.until(() => model.snapshot().at === 'unsupported');
      expect(model.snapshot()).toEqual({ at: 'unsupported', why });
    }
  });
});

describe('the directory', () => {
  it('[DIR1] finds others by a part of their name, never oneself', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    const alina = await story.person('alina');
    alice.model.find(' ali ');
    expect(alice.home.search).toEqual({ query: ' ali ', people: { is: 'asking' } });
    await story.until(() => alice.home.search.people.is === 'answered');
    expect(alice.home.search.people).toEqual({ is: 'answered', value: [alina.me] });
  });

  it('[DIR2] asks nothing for less than the server takes', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    const asked = story.server.requests.length;
    for (const query of ['', ' ', 'a', ' a ', '😀']) {
      alice.model.find(query);
      expect(alice.home.search).toEqual({ query, people: { is: 'idle' } });
    }
    expect(story.server.requests.length).toBe(asked);
  });

  it('[DIR3] shows what the newest question found, whatever comes later', async () => {
    const story = new Story();
    const [alice, bob] = [await story.person('alice'), await story.person('bob')];
    alice.model.find('nobody');
    alice.model.find('bo');
    await story.until(() => alice.home.search.people.is === 'answered');
    await story.quiet();
    expect(alice.home.search).toEqual({
      query: 'bo',
      people: { is: 'answered', value: [bob.me] },
    });
    story.server.down = true;
    alice.model.find('bob');
    await story.until(() => alice.home.search.people.is === 'failed');
    expect(alice.home.search.people).toMatchObject({ fault: { code: 'NETWORK' } });
  });
});

/** Looking after the account: its devices, its password, its end, and what a browser forgets. */
import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../core/ports.ts';
import { type Browser, PASSWORD, Story } from '../test/story.ts';

const OTHER_PASSWORD = 'battery staple 2';

/** The same person on a second device. */
async function onAnotherDevice(story: Story, name: string): Promise<Browser> {
  const other = story.browser();
  await story.until(() => other.view.at === 'signedOut');
  other.signIn(name);
  await story.until(() => other.isOnline);
  return other;
}

async function devicesOf(story: Story, browser: Browser) {
  browser.model.lookAtDevices();
  await story.until(() => browser.home.devices.is === 'answered');
  const { devices } = browser.home;
  return devices.is === 'answered' ? devices.value : [];
}

const isSignedOut = ({ view }: Browser) => view.at === 'signedOut' && !view.busy;
const partedOf = ({ view }: Browser) => (view.at === 'signedOut' ? view.parted : null);

/** What a browser still has of an account, each by its name. */
async function leftOf({ platform }: Browser, id: Browser['me']['id']): Promise<string[]> {
  const { vault, pins, people, marks } = platform;
  const found: [string, boolean][] = [
    ['key', (await vault.load(id)) !== null],
    ['pins', (await pins.all(id)).length > 0],
    ['recent', (await people.load('recent', id)).length > 0],
    ['blocked', (await people.load('blocked', id)).length > 0],
    ['mark', await marks.has(id)],
  ];
  return found.flatMap(([name, isThere]) => (isThere ? [name] : []));
}

/** Alice, who has talked to Bob and blocked Carol. */
async function settled(story: Story): Promise<{ alice: Browser; bob: Browser }> {
  const { alice, bob } = await story.secured();
  const carol = await story.person('carol');
  alice.model.block(carol.me);
  await story.quiet();
  expect(await leftOf(alice, alice.me.id)).toEqual(['key', 'pins', 'recent', 'blocked', 'mark']);
  return { alice, bob };
}

describe('the devices of an account', () => {
  it('[AUTH15] are listed, this one marked, and another one is ended', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    const other = await onAnotherDevice(story, 'alice');
    const devices = await devicesOf(story, alice);
    expect(devices.map(({ current }) => current)).toEqual([true, false]);
    expect(devices[0]).toMatchObject({
      userAgent: 'Test/1',
      address: '127.0.0.1',
      usedAt: Date.UTC(2026, 10, 20, 18, 4),
    });

    alice.model.endDevice(devices[1]?.id ?? '');
    expect(alice.home.accountWork).toEqual({ is: 'busy', what: 'endDevice' });
    await story.until(() => alice.home.accountWork.is === 'done');
    expect(alice.home.devices).toMatchObject({ value: [{ current: true }] });
    other.model.find('bo');
    await story.until(() => isSignedOut(other));

    alice.model.putAccountAway();
    expect(alice.home).toMatchObject({ devices: { is: 'idle' }, accountWork: { is: 'idle' } });
  });

  it('[AUTH15] says why they cannot be listed, or ended', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    alice.model.endDevice('nobody knows it');
    await story.until(() => alice.home.accountWork.is === 'failed');
    expect(alice.home.accountWork).toMatchObject({ fault: { code: 'LOGIN_NOT_FOUND' } });
    story.server.failures.set('/api/auth/logins', { status: 503, code: 'SERVICE_UNAVAILABLE' });
    alice.model.putAccountAway();
    alice.model.lookAtDevices();
    await story.until(() => alice.home.devices.is === 'failed');
    expect(alice.home.devices).toMatchObject({ fault: { code: 'SERVICE_UNAVAILABLE' } });
  });
});

describe('the password', () => {
  it('[AUTH16] is changed, every other device is out, and the copy of the key opens under it', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    const other = await onAnotherDevice(story, 'alice');
    alice.model.changePassword(PASSWORD, OTHER_PASSWORD);
    await story.until(() => alice.home.accountWork.is === 'done');
    other.model.find('bo');
    await story.until(() => isSignedOut(other));

    const tryToExport = async (password: string) => {
      alice.model.exportIdentity(password);
      await story.until(() => alice.home.keyWork.is !== 'busy');
      return alice.home.keyWork;
    };
    expect(await tryToExport(PASSWORD)).toMatchObject({ is: 'failed', why: 'wrongPassword' });
    expect(await tryToExport(OTHER_PASSWORD)).toMatchObject({ is: 'done' });
    alice.model.signOut();
    await story.until(() => isSignedOut(alice));
    alice.model.signIn('alice', OTHER_PASSWORD);
    await story.until(() => alice.isOnline);
    expect(alice.home.key.is).toBe('ready');
  });

  it('[AUTH16] that is wrong changes nothing, and does not cost the login', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    const before = story.server.requests.length;
    alice.model.changePassword('not mine 3', OTHER_PASSWORD);
    await story.until(() => alice.home.accountWork.is === 'failed');
    expect(alice.home.accountWork).toMatchObject({ fault: { code: 'INVALID_CREDENTIALS' } });
    expect(story.server.requests.slice(before)).toEqual(['POST /api/auth/password']);
    alice.model.exportIdentity(PASSWORD);
    await story.until(() => alice.home.keyWork.is === 'done');
  });

  it('[AUTH12] is sent in one spelling, the old one and the new one', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    alice.model.changePassword(PASSWORD, 'batterie a\u0300 pile 2');
    await story.until(() => alice.home.accountWork.is === 'done');
    expect(story.server.users.get(alice.me.id)?.password).toBe('batterie \u00e0 pile 2');
  });
});

describe('parting', () => {
  it('[AUTH17] a removed account is gone on the server, and then in this browser', async () => {
    const story = new Story();
    const { alice, bob } = await settled(story);
    const { id } = alice.me;
    alice.model.deleteAccount('not mine 3');
    await story.until(() => alice.home.accountWork.is === 'failed');
    expect(story.server.users.has(id)).toBe(true);

    alice.model.deleteAccount(PASSWORD);
    await story.until(() => isSignedOut(alice));
    expect([partedOf(alice), story.server.users.has(id)]).toEqual(['deleted', false]);
    expect(await leftOf(alice, id)).toEqual([]);
    await story.until(() => bob.phase?.is === 'ended');
  });

  it('[AUTH17] is not taken for a login that ended, whoever asks meanwhile', async () => {
    const story = new Story();
    const first = await story.person('alice');
    const { id } = first.me;
    const { http } = first.platform;
    first.closePage();
    /** The server ends the login before it answers, and the link asks for another token. */
    const send = async (request: HttpRequest) => {
      const answer = await http.send(request);
      if (request.path !== '/api/auth/account') return answer;
      story.server.cut(id, 4401);
      for (let turn = 0; turn < 20; turn += 1) {
        story.network.step();
        story.clock.advance(100);
        await new Promise((resolve) => setImmediate(resolve));
      }
      return answer;
    };
    const alice = story.browser(first, { http: { send } });
    await story.until(() => alice.isOnline);
    alice.model.deleteAccount(PASSWORD);
    await story.until(() => isSignedOut(alice));
    await story.pass(2_000);
    expect(partedOf(alice)).toBe('deleted');
    expect(await leftOf(alice, id)).toEqual([]);
  });

  it('[AUTH18] a forgotten browser has nothing of the account, which stays', async () => {
    const story = new Story();
    const { alice, bob } = await settled(story);
    const { id } = alice.me;
    alice.model.forgetDevice();
    await story.until(() => isSignedOut(alice));
    expect([partedOf(alice), story.server.users.has(id)]).toEqual(['forgotten', true]);
    expect(await leftOf(alice, id)).toEqual([]);
    await story.until(() => bob.phase?.is === 'ended');

    const reloaded = story.browser(alice);
    await story.until(() => isSignedOut(reloaded));
    reloaded.signIn('alice');
    await story.until(() => reloaded.isOnline);
    expect(reloaded.home.key).toEqual({ is: 'elsewhere' });
  });

  it('[AUTH18] forgets also when the server does not answer, and other accounts stay', async () => {
    const story = new Story();
    const carol = await story.person('carol');
    const carolId = carol.me.id;
    carol.model.signOut();
    await story.until(() => isSignedOut(carol));
    carol.model.register('dave', PASSWORD);
    await story.until(() => carol.isOnline);
    const { id } = carol.me;
    story.server.down = true;
    carol.model.forgetDevice();
    await story.until(() => isSignedOut(carol));
    expect(carol.view).toMatchObject({ parted: 'forgotten', fault: { code: 'NETWORK' } });
    expect(await leftOf(carol, id)).toEqual([]);
    expect(await leftOf(carol, carolId)).toEqual(['key', 'mark']);
  });

  it('[AUTH18] says so when something could not be forgotten', async () => {
    const story = new Story();
    const { platform } = await story.person('alice');
    const forget = () => Promise.reject(new Error('the disk is stuck'));
    const alice = story.browser(undefined, { ...platform, pins: { ...platform.pins, forget } });
    await story.until(() => alice.view.at === 'signedIn');
    const { id } = alice.me;
    alice.model.forgetDevice();
    await story.until(() => isSignedOut(alice));
    expect(alice.view).toMatchObject({ parted: null, fault: { code: 'INTERNAL_ERROR' } });
    expect(await leftOf(alice, id)).not.toContain('key');
  });

  it('[AUTH19] signing out forgets whom one talked to, and keeps key, pins and who is blocked', async () => {
    const story = new Story();
    const { alice } = await settled(story);
    const { id } = alice.me;
    alice.model.signOut();
    await story.until(() => isSignedOut(alice));
    await story.quiet();
    expect(await leftOf(alice, id)).toEqual(['key', 'pins', 'blocked', 'mark']);
    alice.signIn('alice');
    await story.until(() => alice.isOnline);
    expect(alice.home.recent).toEqual([]);
    expect(alice.home.blocked).toMatchObject([{ name: 'carol' }]);
  });

  it('[AUTH19] so does a login that ended while no page was open', async () => {
    const story = new Story();
    const { alice } = await settled(story);
    const { id } = alice.me;
    alice.closePage();
    const fault = { status: 401, code: 'REFRESH_TOKEN_EXPIRED' };
    story.server.failures.set('/api/auth/refresh', fault);
    const reloaded = story.browser(alice);
    await story.until(() => isSignedOut(reloaded));
    await story.quiet();
    expect(await leftOf(reloaded, id)).toEqual(['key', 'pins', 'blocked', 'mark']);
  });
});

describe('signing out', () => {
  it('[AUTH20] holds when the server did not hear of it, until somebody signs in', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    story.server.down = true;
    alice.model.signOut();
    await story.until(() => isSignedOut(alice));
    expect(alice.view).toMatchObject({ fault: { code: 'NETWORK' } });
    const early = story.browser(alice);
    await story.until(() => early.view.at === 'unreachable');

    story.server.down = false;
    story.server.failures.set('/api/auth/logout', { status: 503, code: 'SERVICE_UNAVAILABLE' });
    early.model.restart();
    await story.until(() => story.server.requests.at(-1) === 'POST /api/auth/logout');
    await story.until(() => early.view.at === 'unreachable');
    story.server.failures.clear();
    const reloaded = story.browser(alice);
    await story.until(() => reloaded.view.at !== 'starting');
    expect(reloaded.view).toMatchObject({ at: 'signedOut', fault: null });
    reloaded.signIn('alice');
    await story.until(() => reloaded.isOnline);
    const again = story.browser(alice);
    await story.until(() => again.view.at === 'signedIn');
  });

  it('[AUTH20] ends with a new login, not with what was owed', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    story.server.failures.set('/api/auth/logout', { status: 503, code: 'SERVICE_UNAVAILABLE' });
    alice.model.signOut();
    await story.until(() => isSignedOut(alice));
    alice.signIn('alice');
    await story.until(() => alice.isOnline);
    story.server.failures.clear();
    const reloaded = story.browser(alice);
    await story.until(() => reloaded.view.at !== 'starting');
    expect(reloaded.view.at).toBe('signedIn');
  });
});

describe('two pages of one browser', () => {
  /** A browser of which two pages are open; notes how many requests change its cookie at once. */
  async function withTwoPages(story: Story) {
    const first = await story.person('alice');
    const { http } = first.platform;
    const changing = { now: 0, most: 0 };
    const send = async (request: HttpRequest) => {
      const isOne = /\/(refresh|login|logout|register|account)$/.test(request.path);
      if (!isOne) return http.send(request);
      changing.now += 1;
      changing.most = Math.max(changing.most, changing.now);
      await new Promise((resolve) => setImmediate(resolve));
      const answer = await http.send(request);
      changing.now -= 1;
      return answer;
    };
    const pages = [0, 1].map(() => story.tab(first, { http: { send } }));
    await story.until(() => pages.every(({ view }) => view.at === 'signedIn'));
    return { pages, changing };
  }

  it('[AUTH13] change the cookie of their login one after the other', async () => {
    const story = new Story();
    const { pages, changing } = await withTwoPages(story);
    expect(changing.most).toBe(1);
    story.server.expireTokens();
    for (const { model } of pages) {
      model.find('bo');
      model.lookAtDevices();
    }
    await story.until(() => pages.every(({ home }) => home.devices.is === 'answered'));
    pages[0]?.model.signOut();
    pages[1]?.model.deleteAccount(PASSWORD);
    await story.until(() => pages.every(isSignedOut));
    expect(changing.most).toBe(1);
  });

  it('[AUTH14] one whose cookie became that of another account is signed out', async () => {
    const story = new Story();
    const first = await story.person('alice');
    const second = story.tab(first);
    await story.until(() => second.view.at === 'signedIn');
    first.model.signOut();
    await story.until(() => isSignedOut(first));
    first.model.register('bob', PASSWORD);
    await story.until(() => first.isOnline);

    second.model.find('ca');
    await story.until(() => second.view.at === 'signedOut');
    expect(second.view).toMatchObject({ fault: { code: 'TOKEN_REVOKED' } });
    expect(first.home.me.name).toBe('bob');
    first.model.lookAtDevices();
    await story.until(() => first.home.devices.is === 'answered');
  });
});

/** Two pages of one browser, sharing its storage: one of them talks at a time. */
import { describe, expect, it } from 'vitest';
import { type Browser, over, PASSWORD, Story } from '../test/story.ts';

/** Alice in a secure conversation with Bob, and a second page of her browser. */
async function withTwoPages(
  story: Story,
): Promise<{ first: Browser; second: Browser; bob: Browser }> {
  const { alice: first, bob } = await story.secured();
  const second = story.tab(first);
  await story.until(() => second.view.at === 'signedIn');
  await story.until(() => second.home.link.is === 'superseded');
  return { first, second, bob };
}

describe('two pages of one browser', () => {
  it('[OWN1] the second shows that the chat is open elsewhere, and disturbs nothing', async () => {
    const story = new Story();
    const connections = () => story.network.opened;
    const { first, second, bob } = await withTwoPages(story);
    const before = connections();
    await story.pass(60_000, 5_000);
    expect(second.home.link).toEqual({ is: 'superseded' });
    expect(second.home.key.is).toBe('ready');
    expect(first.isOnline).toBe(true);
    expect(connections()).toBe(before);
    first.model.say('still here');
    await story.until(() => bob.lines.length === 1);
  });

  it('[OWN2] the one that takes it is connected; the other stops, and its conversation ends', async () => {
    const story = new Story();
    const { first, second, bob } = await withTwoPages(story);
    second.model.useHere();
    await story.until(() => second.isOnline);
    await story.until(() => first.phase?.is === 'ended');
    expect(first.phase).toEqual(over('cutOff'));
    await story.pass(31_000, 1_000);
    expect(bob.phase).toEqual(over('cutOff'));
    expect(first.home.link).toEqual({ is: 'superseded' });
    const before = story.network.opened;
    await story.pass(60_000, 5_000);
    expect(first.home.link).toEqual({ is: 'superseded' });
    expect([second.isOnline, story.network.opened]).toEqual([true, before]);

    first.model.useHere();
    await story.until(() => first.isOnline);
    expect(second.home.link).toEqual({ is: 'superseded' });
  });

  it('[OWN2] stops before the server says so', async () => {
    const story = new Story();
    const { first, second } = await withTwoPages(story);
    story.network.frozen = true;
    second.model.useHere();
    await story.quiet();
    expect(first.home.link).toEqual({ is: 'superseded' });
    story.network.frozen = false;
    await story.until(() => second.isOnline);
  });

  it('[OWN2] closes its connection by itself', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    const { id } = alice.me;
    await alice.locks().claim(id, 'steal');
    expect(alice.home.link).toEqual({ is: 'superseded' });
    await story.until(() => !story.server.isOnline(id));
  });

  it('[OWN3] signing out frees it for the other, and another account asks for its own', async () => {
    const story = new Story();
    const { first, second } = await withTwoPages(story);
    first.model.signOut();
    const { id } = second.me;
    await story.until(() => first.view.at === 'signedOut' && !first.view.busy);
    const free = second.locks();
    expect(await free.claim(id, 'ifFree')).toBe(true);
    free.release();
    first.model.register('carol', PASSWORD);
    await story.until(() => first.isOnline);
    expect(first.home.me.name).toBe('carol');
    expect(second.home.me.name).toBe('alice');
    const third = story.tab(second);
    // The cookie is Carol's now, and her page has the connection.
    await story.until(() => third.view.at === 'signedIn' && third.home.link.is === 'superseded');
  });

  it('[OWN3] is claimed anew by a page that signs in again', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    alice.model.signOut();
    await story.until(() => alice.view.at === 'signedOut' && !alice.view.busy);
    alice.signIn('alice');
    await story.until(() => alice.isOnline);
    const second = story.tab(alice);
    await story.until(() => second.view.at === 'signedIn' && second.home.link.is === 'superseded');
  });

  it('[OWN5] that start at once: one is connected, and both have the one key that is kept', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    const account = story.server.users.get(alice.me.id);
    if (account) account.key = null;
    const fresh = story.browser();
    await story.until(() => fresh.view.at === 'signedOut');
    fresh.signIn('alice');
    await story.until(() => fresh.isOnline && fresh.home.key.is === 'missing');
    const pages = [fresh, story.tab(fresh), story.tab(fresh)] as const;
    await story.until(() => pages.every(({ view }) => view.at === 'signedIn'));
    for (const page of pages) page.model.publishKey(PASSWORD);
    await story.until(() => pages.every(({ home }) => home.key.is === 'ready'));
    const prints = pages.map(({ home }) => home.key.is === 'ready' && home.key.fingerprint);
    expect(new Set(prints).size).toBe(1);
    await story.until(() =>
      pages.every(({ home }) => ['online', 'superseded'].includes(home.link.is)),
    );
    expect(pages.filter((page) => page.isOnline)).toHaveLength(1);
    const reloaded = story.browser(fresh);
    await story.until(() => reloaded.isOnline);
    expect(reloaded.home.key).toMatchObject({ is: 'ready', fingerprint: prints[0] });
  });

  it('[OWN6] empties the store of files once, and only as the owner', async () => {
    const story = new Story();
    const opened: number[] = [];
    const emptyFiles = async () => void opened.push(story.network.opened);
    const alice = story.browser(undefined, { emptyFiles });
    await story.until(() => alice.view.at === 'signedOut');
    alice.model.register('alice', PASSWORD);
    await story.until(() => alice.isOnline);
    expect(opened).toEqual([0]);
    const second = story.tab(alice, { emptyFiles });
    await story.until(() => second.view.at === 'signedIn' && second.home.link.is === 'superseded');
    expect(opened).toEqual([0]);
  });
});

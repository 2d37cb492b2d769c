/** The people that a browser remembers, who is not heard, and who is here. */
import { describe, expect, it } from 'vitest';
import { RECENT_MAX } from '../core/directory/people.ts';
import { type Browser, over, Story } from '../test/story.ts';

const recentOf = ({ home }: Browser) => home.recent.map(({ name }) => name);
const blockedOf = ({ home }: Browser) => home.blocked.map(({ name }) => name);

describe('whom one talked to', () => {
  it('[DIR4] is remembered by name, the newest first, each once, until it is cleared', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    const carol = await story.person('carol');
    expect([recentOf(alice), recentOf(bob)]).toEqual([['bob'], ['alice']]);
    alice.model.open(carol.me);
    expect(recentOf(alice)).toEqual(['carol', 'bob']);
    alice.model.open(bob.me);
    expect(recentOf(alice)).toEqual(['bob', 'carol']);
    await story.quiet();
    const kept = await alice.platform.people.load('recent', alice.me.id);
    expect(kept).toEqual([bob.me, carol.me]);

    const reloaded = story.browser(alice);
    await story.until(() => reloaded.isOnline);
    expect(recentOf(reloaded)).toEqual(['bob', 'carol']);
    reloaded.model.clearRecent();
    expect(recentOf(reloaded)).toEqual([]);
    await story.quiet();
    expect(await alice.platform.people.load('recent', reloaded.me.id)).toEqual([]);
  });

  it('[DIR4] is a dozen people at most', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    for (let n = 10; n < 11 + RECENT_MAX; n += 1) {
      alice.model.open({ id: `00000000-0000-4000-8000-0000000000${n}`, name: `n${n}` });
    }
    expect(alice.home.recent).toHaveLength(RECENT_MAX);
    expect(recentOf(alice)[0]).toBe(`n${10 + RECENT_MAX}`);
  });

  it('[DIR4] lasts as long as the page where storage fails', async () => {
    const story = new Story();
    const { platform } = story.browser();
    const change = () => Promise.reject(new Error('the disk is full'));
    const people = { ...platform.people, change };
    const alice = story.browser(undefined, { people });
    await story.until(() => alice.view.at === 'signedOut');
    alice.model.register('alice', 'correct horse 1');
    await story.until(() => alice.isOnline);
    const bob = await story.person('bob');
    alice.model.open(bob.me);
    expect(recentOf(alice)).toEqual(['bob']);
    await story.until(() => bob.home.incoming.length === 1);
  });
});

describe('who is blocked', () => {
  it('[DIR5] rings in vain, is told nothing, and is heard again when it is undone', async () => {
    const story = new Story();
    const [alice, bob] = [await story.person('alice'), await story.person('bob')];
    alice.model.block(bob.me);
    const before = story.server.relayed.length;
    bob.model.open(alice.me);
    await story.pass(5_000);
    expect(bob.phase).toEqual({ is: 'establishing' });
    expect(alice.home.incoming).toEqual([]);
    const said = story.server.relayed.slice(before).filter(({ from }) => from === alice.me.id);
    expect(said).toEqual([]);

    alice.model.open(bob.me);
    expect(alice.home.conversation).toBeNull();
    alice.model.unblock(bob.me.id);
    await story.pass(10_000);
    expect(alice.home.incoming).toMatchObject([{ name: 'bob' }]);
  });

  it('[DIR5] is taken off the door, and left, at once', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    const carol = await story.person('carol');
    carol.model.open(alice.me);
    await story.until(() => alice.home.incoming.length === 1);
    alice.model.block(carol.me);
    expect(alice.home.incoming).toEqual([]);
    await story.pass(2_000);
    expect(alice.home.incoming).toEqual([]);
    expect(carol.phase?.is).toBe('waiting');

    alice.model.block(bob.me);
    await story.until(() => bob.phase?.is === 'ended');
    expect(bob.phase).toEqual(over('left'));
    expect(alice.home.conversation).toBeNull();
    expect(blockedOf(alice)).toEqual(['bob', 'carol']);
    expect(recentOf(alice)).toEqual([]);
  });

  it('[DIR5] does not come in by being looked up while it happens', async () => {
    const story = new Story();
    const alice = await story.person('alice');
    const { http } = alice.platform;
    const looking = Promise.withResolvers<void>();
    let isAsked = false;
    const slow = story.browser(alice, {
      http: {
        send: async (request) => {
          if (request.path.startsWith('/api/chat/users/')) {
            isAsked = true;
            await looking.promise;
          }
          return http.send(request);
        },
      },
    });
    await story.until(() => slow.isOnline);
    const bob = await story.person('bob');
    bob.model.open(slow.me);
    await story.until(() => isAsked);
    slow.model.block(bob.me);
    looking.resolve();
    await story.pass(1_000);
    expect(slow.home.incoming).toEqual([]);
  });

  it('[DIR5] is known before the first frame is heard, and on every page', async () => {
    const story = new Story();
    const [alice, bob] = [await story.person('alice'), await story.person('bob')];
    const second = story.tab(alice);
    await story.until(() => second.view.at === 'signedIn' && second.home.link.is === 'superseded');
    alice.model.block(bob.me);
    await story.quiet();
    second.model.useHere();
    await story.until(() => second.isOnline);
    expect(blockedOf(second)).toEqual(['bob']);

    bob.model.open(alice.me);
    await story.pass(3_000);
    const reloaded = story.browser(second);
    await story.until(() => reloaded.isOnline);
    await story.pass(3_000);
    expect([second.home.incoming, reloaded.home.incoming]).toEqual([[], []]);
  });
});

describe('who is here', () => {
  it('[DIR6] is known of those one has said something to, as long as there is a link', async () => {
    const story = new Story();
    const [alice, bob] = [await story.person('alice'), await story.person('bob')];
    const carol = await story.person('carol');
    expect(alice.home.presence).toEqual({});
    alice.model.open(bob.me);
    await story.until(() => alice.home.presence[bob.me.id] === 'here');
    const { id } = bob.me;
    bob.closePage();
    await story.until(() => alice.home.presence[id] === 'away');
    const back = story.browser(bob);
    await story.until(() => alice.home.presence[id] === 'here');
    expect(Object.keys(alice.home.presence)).toEqual([id]);
    expect(carol.home.presence).toEqual({});
    expect(back.home.me.id).toBe(id);

    story.server.cut(alice.me.id);
    await story.until(() => !alice.isOnline);
    expect(alice.home.presence).toEqual({});
  });

  it('[DIR6] is not told of who is blocked', async () => {
    const story = new Story();
    const [alice, bob] = [await story.person('alice'), await story.person('bob')];
    alice.model.open(bob.me);
    await story.until(() => alice.home.presence[bob.me.id] === 'here');
    const { id } = bob.me;
    alice.model.block(bob.me);
    expect(alice.home.presence).toEqual({});
    bob.closePage();
    await story.pass(1_000);
    expect(alice.home.presence[id]).toBeUndefined();
  });
});

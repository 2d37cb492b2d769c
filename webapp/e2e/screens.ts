/**
 * Every screen there is, as the view that draws it and what is pressed before the picture.
 */
import type { AppView, Device, Ending, Scan } from '../src/app/model.ts';
import {
  alice,
  aliceFingerprint,
  bob,
  bobFingerprint,
  carol,
  mine,
  otherFingerprint,
  over,
  secure,
  signedIn,
  signedOut,
  theirs,
  withBob,
} from '../src/features/test/views.ts';
import { type Act, type Screen, talk } from './screen.ts';
import { fileScreens } from './screens-of-files.ts';
import { recordingScreens } from './screens-of-recordings.ts';
import { named, type Words } from './words.ts';

const trace = '4f1c9ab27d60e853';

/** What the clock of every picture says: a few minutes after the newest line. */
export const NOW = Date.UTC(2026, 10, 20, 18, 15);

const question = theirs('Which of the two doors is it, the green one or the one with the lion?');
const gone = theirs('never mind');
const answers = [
  question,
  {
    ...mine('The green one.'),
    replyTo: question.id,
    reactions: [{ by: 'peer', emoji: '👍' } as const],
  },
  { ...mine('What was that?', 'delivered'), replyTo: gone.id },
  {
    ...theirs('Nothing. I look forward to it!'),
    reactions: [{ by: 'me', emoji: '❤️' } as const, { by: 'peer', emoji: '🎉' } as const],
  },
  {
    ...mine('So do I.'),
    reactions: [{ by: 'peer', emoji: '🔥' } as const, { by: 'me', emoji: '🔥' } as const],
  },
];

const DAY_MS = 86_400_000;
const longAgo = [
  { ...theirs('Happy new year!'), at: Date.UTC(2025, 11, 31, 12) },
  { ...mine('And to you.'), at: Date.UTC(2026, 0, 1, 12) },
  { ...theirs('Tomorrow, then?'), at: NOW - DAY_MS },
  { ...mine('Today it is.'), at: NOW },
];

/** Opens the menu of the newest line. */
const openMenu: Act = (page) => page.locator('[data-acts]').last().click();

/** Chooses something in the menu of the newest line. */
function chooseInMenu(act: (words: Words) => string): Act {
  return async (page, words) => {
    await openMenu(page, words);
    await page.getByRole('menuitem', { name: act(words) }).click();
  };
}

const endings: readonly Ending[] = [
  'left',
  'cutOff',
  'declined',
  'timeout',
  'failed',
  'differs',
  'keyMissing',
];

const found = [bob, { id: '0190a000-0000-7000-8000-0000000000b1', name: 'bobby-tables' }, alice];

const devices: readonly Device[] = [
  {
    id: '1',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36',
    address: '192.0.2.7',
    madeAt: Date.UTC(2026, 10, 1, 9, 0),
    usedAt: Date.UTC(2026, 10, 20, 18, 4),
    current: true,
  },
  {
    id: '2',
    userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1',
    address: '2001:db8:1234:5678:9abc:def0:1234:5678',
    madeAt: Date.UTC(2026, 9, 12, 7, 30),
    usedAt: Date.UTC(2026, 10, 19, 6, 58),
    current: false,
  },
  {
    id: '3',
    userAgent: 'something else',
    address: '198.51.100.20',
    madeAt: Date.UTC(2026, 8, 2, 20, 15),
    usedAt: Date.UTC(2026, 8, 2, 20, 15),
    current: false,
  },
];

const known = signedIn({
  recent: [
    bob,
    carol,
    { id: '0190a000-0000-7000-8000-0000000000c3', name: 'a_rather_long_name_of_someone_new' },
  ],
  presence: { [bob.id]: 'here', [carol.id]: 'away' },
  verified: [bob.id],
});

const settled = signedIn({
  devices: { is: 'answered', value: devices },
  blocked: [carol, { id: '0190a000-0000-7000-8000-0000000000d4', name: 'mallory' }],
});

/** Opens the settings, and a part of them in place of the devices. */
function openSettings(partOf?: (words: Words) => string): Act {
  return async (page, words) => {
    await page.getByRole('button', { name: words.settings.title }).click();
    if (partOf === undefined) return;
    const heading = page.getByRole('heading', { level: 3, name: partOf(words) });
    await heading.click();
    await heading.evaluate((title) => title.closest('details')?.scrollIntoView());
  };
}

/** A conversation in which the peer's code was scanned. */
function scannedAs(scan: Scan, pin: 'known' | 'verified' = 'known'): AppView {
  const { conversation } = withBob(secure(talk, pin));
  const { comparison } = conversation;
  return signedIn({
    conversation: { ...conversation, comparison: comparison && { ...comparison, scan } },
  });
}

const openCode: Act = async (page, words) => {
  await page.getByRole('button', { name: words.conversation.fingerprints }).click();
  await page.getByText(words.scan.title).click();
  await page.locator('[data-qr]').scrollIntoViewIfNeeded();
};

export const screens: readonly Screen[] = [
  { name: 'starting', view: { at: 'starting' } },
  { name: 'unsupported-insecure', view: { at: 'unsupported', why: 'insecureContext' } },
  { name: 'unsupported-crypto', view: { at: 'unsupported', why: 'missingCrypto' } },
  {
    name: 'unreachable',
    view: { at: 'unreachable', fault: { code: 'NETWORK', traceId: null } },
  },
  { name: 'sign-in', view: signedOut() },
  {
    name: 'sign-in-fault',
    view: signedOut({ fault: { code: 'INVALID_CREDENTIALS', traceId: trace } }),
  },
  {
    name: 'register',
    view: signedOut(),
    act: async (page, words) => {
      await page.getByRole('button', { name: words.account.toRegister }).click();
      await page.getByLabel(words.account.username).fill('alice');
      await page.getByLabel(words.account.password, { exact: true }).fill('correct horse');
    },
  },
  {
    name: 'register-busy',
    view: signedOut({ busy: true }),
    act: (page, words) => page.getByRole('button', { name: words.account.toRegister }).click(),
  },
  {
    name: 'register-strong',
    view: signedOut(),
    act: async (page, words) => {
      await page.getByRole('button', { name: words.account.toRegister }).click();
      await page.getByLabel(words.account.username).fill('alice');
      const password = page.getByLabel(words.account.password, { exact: true });
      await password.fill('quinces behind the old shed 7');
    },
  },
  { name: 'sign-in-deleted', view: signedOut({ parted: 'deleted' }) },
  { name: 'sign-in-forgotten', view: signedOut({ parted: 'forgotten' }) },
  { name: 'home', view: signedIn() },
  { name: 'home-recent', view: known },
  {
    name: 'block',
    view: known,
    act: (page, words) =>
      page.getByRole('button', { name: named(words.people.blockOf, 'bob') }).click(),
  },
  { name: 'settings', view: settled, act: openSettings() },
  { name: 'settings-asking', view: signedIn({ devices: { is: 'asking' } }), act: openSettings() },
  {
    name: 'settings-blocked',
    view: settled,
    act: openSettings((words) => words.people.blocked),
  },
  {
    name: 'settings-password',
    view: signedIn({
      devices: { is: 'answered', value: devices },
      accountWork: {
        is: 'failed',
        what: 'changePassword',
        fault: { code: 'INVALID_CREDENTIALS', traceId: trace },
      },
    }),
    act: openSettings((words) => words.account.changeTitle),
  },
  {
    name: 'settings-forget',
    view: settled,
    act: openSettings((words) => words.account.forgetTitle),
  },
  {
    name: 'settings-delete',
    view: settled,
    act: openSettings((words) => words.account.deleteTitle),
  },
  {
    name: 'search',
    view: signedIn({ search: { query: 'bo', people: { is: 'answered', value: found } } }),
  },
  {
    name: 'search-blocked',
    view: signedIn({
      blocked: [bob],
      search: { query: 'bo', people: { is: 'answered', value: found } },
    }),
  },
  {
    name: 'search-none',
    view: signedIn({ search: { query: 'zoe', people: { is: 'answered', value: [] } } }),
  },
  {
    name: 'search-fault',
    view: signedIn({
      search: {
        query: 'bo',
        people: { is: 'failed', fault: { code: 'SERVICE_UNAVAILABLE', traceId: trace } },
      },
    }),
  },
  { name: 'incoming', view: signedIn({ incoming: [bob, carol] }) },
  {
    name: 'incoming-while-secure',
    view: signedIn({ ...withBob(secure(talk)), incoming: [carol] }),
  },
  { name: 'key-missing', view: signedIn({ key: { is: 'missing' } }) },
  {
    name: 'key-elsewhere-refused',
    view: signedIn({
      key: { is: 'elsewhere' },
      publishing: {
        is: 'failed',
        fault: { code: 'REAUTHENTICATION_REQUIRED', traceId: null },
      },
    }),
  },
  {
    name: 'key-replace',
    view: signedIn({ key: { is: 'elsewhere' } }),
    act: (page, words) => page.getByRole('button', { name: words.key.replace }).click(),
  },
  { name: 'key-lost', view: signedIn({ key: { is: 'lost' } }) },
  {
    name: 'key-locked',
    view: signedIn({
      key: { is: 'locked', fingerprint: aliceFingerprint },
      keyWork: { is: 'failed', what: 'unlock', why: 'wrongPassword' },
    }),
  },
  {
    name: 'own-key',
    view: signedIn(),
    act: (page, words) =>
      page.getByRole('button', { name: named(words.key.ownOf, 'alice') }).click(),
  },
  { name: 'link-connecting', view: signedIn({ link: { is: 'connecting' } }) },
  {
    name: 'link-reconnecting',
    view: signedIn({ link: { is: 'reconnecting', nextTryInMs: 4_000 } }),
  },
  { name: 'link-superseded', view: signedIn({ link: { is: 'superseded' } }) },
  { name: 'establishing', view: signedIn(withBob({ is: 'establishing' })) },
  { name: 'waiting', view: signedIn(withBob({ is: 'waiting' })) },
  { name: 'secure-empty', view: signedIn(withBob(secure([]))) },
  { name: 'secure', view: signedIn(withBob(secure(talk))) },
  {
    name: 'secure-reconnecting',
    view: signedIn(withBob({ ...secure(talk), connection: 'reconnecting' })),
  },
  {
    name: 'secure-changed-lines',
    view: signedIn(
      withBob(
        secure([
          { ...theirs('Now it says something else.'), edited: true },
          { ...theirs(''), deleted: true },
          { ...mine(''), deleted: true },
        ]),
      ),
    ),
  },
  { name: 'secure-answers', view: signedIn(withBob(secure(answers))) },
  { name: 'secure-days', view: signedIn(withBob(secure(longAgo))) },
  { name: 'secure-writing', view: signedIn(withBob({ ...secure(talk), peerTyping: true })) },
  {
    name: 'secure-links',
    view: signedIn(
      withBob(
        secure([
          theirs('It is on https://archive.example/lists/1951?page=2, below the map.'),
          mine('And this? https://\u0430rchive.example/lists'),
          theirs('Write to mailto:vera@example.org rather than to javascript:alert(1).'),
        ]),
      ),
    ),
  },
  { name: 'line-menu', view: signedIn(withBob(secure(talk))), act: openMenu },
  {
    name: 'line-menu-of-peer',
    view: signedIn(withBob(secure([theirs('Ring twice.')]))),
    act: openMenu,
  },
  {
    name: 'emoji',
    view: signedIn(withBob(secure(talk))),
    act: chooseInMenu((words) => words.acts.otherEmoji),
  },
  {
    name: 'delete-line',
    view: signedIn(withBob(secure(talk))),
    act: chooseInMenu((words) => words.acts.delete),
  },
  {
    name: 'composer-answer',
    view: signedIn(withBob(secure([question]))),
    act: chooseInMenu((words) => words.acts.reply),
  },
  {
    name: 'composer-change',
    view: signedIn(withBob(secure(talk))),
    act: chooseInMenu((words) => words.acts.edit),
  },
  { name: 'secure-full', view: signedIn(withBob({ ...secure(talk), outbox: 'full' })) },
  { name: 'ended-unconfirmed', view: signedIn(withBob(over('cutOff', 3))) },
  {
    name: 'secure-long',
    view: signedIn(
      withBob(
        secure([
          theirs('A_word_without_a_single_place_to_break_'.repeat(8)),
          mine('One.\n\nTwo.\n\n   Three.', 'unconfirmed'),
          theirs('سلام، این یک پیام از راست به چپ است'),
          mine('https://example.org/a/rather/long/path?with=a&query=that&goes=on#and-on'),
        ]),
      ),
    ),
  },
  {
    name: 'too-long',
    view: signedIn(withBob(secure(talk))),
    act: (page) => page.getByRole('textbox').last().fill('much to say '.repeat(340)),
  },
  {
    name: 'fingerprints',
    view: signedIn(withBob(secure(talk, 'known'))),
    act: (page, words) => page.getByRole('button', { name: words.key.notVerified }).click(),
  },
  {
    name: 'fingerprints-verified',
    view: signedIn(withBob(secure(talk, 'verified'))),
    act: (page, words) => page.getByRole('button', { name: words.key.verifiedMark }).click(),
  },
  {
    name: 'fingerprints-code',
    view: signedIn(withBob(secure(talk))),
    act: openCode,
  },
  { name: 'fingerprints-same', view: scannedAs({ is: 'same' }, 'verified'), act: openCode },
  { name: 'fingerprints-unreadable', view: scannedAs({ is: 'unreadable' }), act: openCode },
  {
    name: 'fingerprints-differ',
    view: scannedAs({ is: 'differs', about: ['peer'] }),
    act: (page, words) => page.getByRole('button', { name: words.scan.differsMark }).click(),
  },
  { name: 'secure-differs', view: scannedAs({ is: 'differs', about: ['me', 'peer'] }) },
  {
    name: 'leave',
    view: signedIn(withBob(secure(talk))),
    act: (page, words) => page.getByRole('button', { name: words.conversation.leave }).click(),
  },
  ...recordingScreens,
  { name: 'peer-offline', view: signedIn(withBob({ is: 'peerOffline' })) },
  ...endings.map((why) => ({
    name: `ended-${why}`,
    view: signedIn(withBob(over(why))),
  })),
  {
    name: 'blocked',
    view: signedIn(withBob({ is: 'blocked', pinned: bobFingerprint, offered: otherFingerprint })),
  },
  ...fileScreens,
  {
    name: 'blocked-verified',
    view: signedIn({
      conversation: {
        ...withBob({ is: 'blocked', pinned: bobFingerprint, offered: otherFingerprint })
          .conversation,
        keyHistory: [
          { is: 'pinned', fingerprint: bobFingerprint, at: Date.UTC(2026, 9, 2, 8, 15) },
          { is: 'verified', fingerprint: bobFingerprint, at: Date.UTC(2026, 9, 3, 19, 40) },
        ],
      },
    }),
    act: (page, words) => page.getByText(words.key.history).click(),
  },
];

// @vitest-environment jsdom
/**
 * A conversation from its opening to its end, as it is seen.
 */
import { screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { Ending, Phase } from '../../app/model.ts';
import { type Drawn, draw, inBrowser } from '../test/draw.tsx';
import {
  aliceFingerprint,
  aTransfer,
  bobFingerprint,
  mine,
  otherFingerprint,
  over,
  type SignedInView,
  secure,
  signedIn,
  theirs,
  withBob,
} from '../test/views.ts';
import { ConversationPane } from './ConversationPane.tsx';

inBrowser();

type DrawnPane = Drawn<SignedInView> & { enter(phase: Phase): void };

function drawView(view: SignedInView): Drawn<SignedInView> {
  return draw<SignedInView>(
    ({ me, key, conversation }, model) =>
      conversation === null ? (
        <p />
      ) : (
        <ConversationPane me={me} keyState={key} conversation={conversation} model={model} />
      ),
    view,
  );
}

function drawPane(phase: Phase): DrawnPane {
  const drawn = drawView(signedIn(withBob(phase)));
  return { ...drawn, enter: (next) => drawn.show(signedIn(withBob(next))) };
}

const status = () =>
  within(screen.getByRole('region').querySelector('header') ?? document.body).getByRole('status')
    .textContent;
const fingerprintsIn = (element: Element) =>
  [...element.querySelectorAll('[data-fingerprint]')].map((shown) =>
    shown.textContent.replaceAll(' ', ''),
  );

const unsecured: readonly [Phase, string][] = [
  [{ is: 'establishing' }, 'Establishing a secure channel\u00a0…'],
  [{ is: 'waiting' }, 'Waiting for bob …'],
  [{ is: 'peerOffline' }, 'bob is offline'],
  [
    { is: 'blocked', pinned: bobFingerprint, offered: otherFingerprint },
    'The key of bob has changed',
  ],
];

const endings: Record<Ending, string> = {
  left: 'bob left',
  cutOff: 'Disconnected',
  declined: 'bob declined',
  timeout: 'No answer',
  failed: 'No secure channel',
  differs: 'Another client',
  keyMissing: 'bob has no key',
};

describe('a conversation', () => {
  it.each(unsecured)('[UI14] says where it stands: %o', (phase, words) => {
    drawPane(phase);
    expect(status()).toBe(words);
  });

  it.each(Object.entries(endings) as [Ending, string][])(
    '[UI14] says why it ended: %s',
    async (why, words) => {
      const { model, user } = drawPane(over(why));
      expect(status()).toBe(words);
      const isWiped = screen.queryByText('The messages are gone, here and there.') !== null;
      expect(isWiped).toBe(why === 'left' || why === 'cutOff');
      await user.click(screen.getByRole('button', { name: 'Try again' }));
      expect(model.calls).toEqual([['retry']]);
    },
  );

  it('[UI14] can be given up while it waits', async () => {
    const { model, user } = drawPane({ is: 'waiting' });
    await user.click(screen.getByRole('button', { name: 'Cancel' }));
    expect(model.calls).toEqual([['leave']]);
  });

  it('[UI15] has something to write in, and lines, only while it is secure', () => {
    const { enter } = drawPane({ is: 'establishing' });
    const others = [...unsecured.map(([phase]) => phase), over('cutOff')];
    for (const phase of others) {
      enter(secure([theirs('hello')]));
      expect(status()).toBe('Secure');
      expect(screen.getByRole('textbox', { name: 'Message to bob' })).toBeTruthy();
      expect(screen.getByText('hello')).toBeTruthy();
      enter(phase);
      expect(screen.queryByRole('textbox')).toBeNull();
      expect(screen.queryByText('hello')).toBeNull();
    }
  });

  it('[UI27] says that it is reconnecting, and one may go on writing', () => {
    const { enter } = drawPane(secure([theirs('hello')]));
    enter({ ...secure([theirs('hello')]), connection: 'reconnecting' });
    expect(status()).toBe('Reconnecting …');
    expect((screen.getByRole('textbox') as HTMLTextAreaElement).disabled).toBe(false);
    expect(screen.getByText('hello')).toBeTruthy();
    expect(document.querySelector('[data-connection="reconnecting"]')).not.toBeNull();
  });

  it.each([
    [0, null],
    [1, '1 of your messages may not have arrived.'],
    [3, '3 of your messages may not have arrived.'],
  ])('[UI28] says of how many messages nobody knows: %s', (count, words) => {
    drawPane(over('cutOff', count));
    expect(screen.queryByText(/may not have arrived/)?.textContent ?? null).toBe(words);
  });

  it('[UI16] shows both keys when they differ, and accepts the new one only by a press', async () => {
    const { model, user } = drawPane({
      is: 'blocked',
      pinned: bobFingerprint,
      offered: otherFingerprint,
    });
    expect(fingerprintsIn(document.body)).toEqual([bobFingerprint, otherFingerprint]);
    expect(model.calls).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Accept the new key' }));
    expect(model.calls).toEqual([['acceptKey']]);
  });

  it('[UI115] says what became of the key that is known, louder if it was compared', () => {
    const at = Date.UTC(2026, 10, 20, 12, 0);
    const blocked = { is: 'blocked', pinned: bobFingerprint, offered: otherFingerprint } as const;
    const { conversation } = withBob(blocked);
    const seen = [{ is: 'pinned', fingerprint: bobFingerprint, at }] as const;
    const compared = [...seen, { is: 'verified', fingerprint: bobFingerprint, at }] as const;
    const { show } = drawView(signedIn({ conversation: { ...conversation, keyHistory: seen } }));
    expect(screen.getAllByText(/first seen/)).toHaveLength(1);
    expect(screen.queryByRole('alert')).toBeNull();
    show(signedIn({ conversation: { ...conversation, keyHistory: compared } }));
    expect(screen.getByRole('alert').textContent).toMatch(/You had compared the key/);
  });

  it('[UI17] shows both fingerprints, not verified, and what the pin knows', async () => {
    const { user, enter } = drawPane(secure([], 'firstUse'));
    await user.click(screen.getByRole('button', { name: 'Fingerprints: Not verified' }));
    const dialog = screen.getByRole('dialog', { name: 'Fingerprints' });
    expect(fingerprintsIn(dialog)).toEqual([bobFingerprint, aliceFingerprint]);
    expect(within(dialog).getByText('Not verified')).toBeTruthy();
    expect(dialog.textContent).toContain('First conversation with this key');
    enter(secure([], 'known'));
    expect(dialog.textContent).toContain('The same key as in your earlier conversations.');
  });

  it('[UI17] says that a key is verified, and does not ask for it again', async () => {
    const { user } = drawPane(secure([], 'verified'));
    await user.click(screen.getByRole('button', { name: 'Fingerprints: Verified' }));
    const dialog = within(screen.getByRole('dialog'));
    expect(dialog.getByText('You have compared this key.')).toBeTruthy();
    expect(dialog.queryByText('Not verified')).toBeNull();
    expect(dialog.queryByRole('button', { name: /I compared it/ })).toBeNull();
  });

  it('[UI17a] shows the short code, and confirms the fingerprint that is shown by a press', async () => {
    const { model, user } = drawPane(secure([]));
    await user.click(screen.getByRole('button', { name: 'Fingerprints: Not verified' }));
    const code = screen.getByRole('dialog').querySelector('[data-short-code]');
    const words = [...(code?.querySelectorAll('li') ?? [])].map((word) => word.textContent);
    expect(words).toEqual(['Dog', 'Sun', 'Key', 'Apple', 'Train', 'Owl', 'Crown']);
    expect(screen.getByText('0123 456 789 012')).toBeTruthy();
    expect(model.calls).toEqual([]);
    await user.click(screen.getByRole('button', { name: /^I compared it with bob/ }));
    expect(model.calls).toEqual([['confirmPeer', bobFingerprint]]);
  });

  it('[UI17a] lists what became of the key, the newest first', async () => {
    const at = Date.UTC(2026, 10, 20, 12, 0);
    const keyHistory = [
      { is: 'pinned', fingerprint: otherFingerprint, at },
      { is: 'accepted', fingerprint: bobFingerprint, at: at + 86_400_000 },
    ] as const;
    const phase = secure([]);
    const { conversation } = withBob(phase);
    const view = signedIn({ conversation: { ...conversation, keyHistory } });
    const { user } = drawView(view);
    await user.click(screen.getByRole('button', { name: 'Fingerprints: Not verified' }));
    const history = screen.getByText('What became of this key').closest('details');
    const items = within(history ?? document.body);
    const listed = items.getAllByRole('listitem', { hidden: true }).map((item) => item.textContent);
    expect(listed[0]).toMatch(/2026.*: changed key accepted 27e1b864 …/);
    expect(listed[1]).toMatch(/2026.*: first seen c0530d7e …/);
  });

  it('[HOSTILE7] says beside the fingerprints how much was refused', async () => {
    const { user, enter } = drawPane(secure([]));
    await user.click(screen.getByRole('button', { name: 'Fingerprints: Not verified' }));
    const dialog = screen.getByRole('dialog', { name: 'Fingerprints' });
    expect(dialog.textContent).toContain('refused in this conversation: 0;');
    enter({ ...secure([]), noticed: 7, unopened: 3 });
    expect(dialog.textContent).toContain('refused in this conversation: 7;');
    expect(dialog.textContent).toContain('forged or changed: 3.');
  });

  it('[UI17] closes the fingerprints when the conversation ends', async () => {
    const { user, enter } = drawPane(secure([]));
    await user.click(screen.getByRole('button', { name: 'Fingerprints: Not verified' }));
    enter(over('cutOff'));
    enter(secure([]));
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('[UI23] asks before leaving when there are messages to lose', async () => {
    const { model, user } = drawPane(secure([mine('hi')]));
    await user.click(screen.getByRole('button', { name: 'Leave' }));
    expect(model.calls).toEqual([]);
    const dialog = within(screen.getByRole('dialog'));
    expect(dialog.getByText('The messages vanish for you and for bob.')).toBeTruthy();
    await user.click(dialog.getByRole('button', { name: 'Leave' }));
    expect(model.calls).toEqual([['leave']]);
  });

  it('[UI23] asks before leaving when there are files to lose', async () => {
    const { model, user } = drawPane({ ...secure([]), transfers: [aTransfer()] });
    await user.click(screen.getByRole('button', { name: 'Leave' }));
    expect(screen.getByRole('dialog')).toBeTruthy();
    expect(model.calls).toEqual([]);
  });

  it('[UI23] does not ask when there are none', async () => {
    const { model, user } = drawPane(secure([]));
    await user.click(screen.getByRole('button', { name: 'Leave' }));
    expect(model.calls).toEqual([['leave']]);
  });

  it('[UI24] takes the focus when it opens, and to the writing when it is secure', () => {
    const { enter } = drawPane({ is: 'establishing' });
    expect(document.activeElement).toBe(screen.getByRole('heading', { level: 2, name: 'bob' }));
    enter(secure([]));
    expect(document.activeElement).toBe(screen.getByRole('textbox'));
  });

  it('[UI24] leaves the focus where somebody writes something else', () => {
    const { enter } = drawPane({ is: 'establishing' });
    const elsewhere = document.body.appendChild(document.createElement('input'));
    elsewhere.focus();
    enter(secure([]));
    expect(document.activeElement).toBe(elsewhere);
    elsewhere.remove();
  });

  it('[UI24] never leaves the focus nowhere', async () => {
    const { user, enter } = drawPane(over('cutOff'));
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    enter({ is: 'establishing' });
    expect(document.activeElement).toBe(screen.getByRole('heading', { level: 2, name: 'bob' }));
  });

  it('[UI25] reads out new lines as they come, but neither what was there nor their states', () => {
    const earlier = theirs('earlier');
    const { enter } = drawPane(secure([earlier]));
    const reads = () => document.querySelector('[data-new-entries]');
    expect(reads()?.getAttribute('aria-live')).toBe('polite');
    // Of a long list only a part is drawn: what is scrolled to must not be read out as new.
    expect(screen.getByRole('log', { name: 'Messages' }).getAttribute('aria-live')).toBe('off');
    expect(reads()?.textContent).toBe('');
    const line = mine('hi', 'sending');
    enter(secure([earlier, line]));
    expect(reads()?.textContent).toBe('You: hi');
    enter(secure([earlier, { ...line, state: 'read' }]));
    expect(reads()?.textContent).toBe('You: hi');
    expect(screen.getByRole('img', { name: 'Read' })).toBeTruthy();
    enter(secure([earlier, { ...line, text: '', deleted: true }]));
    expect(reads()?.textContent).toBe('You: Deleted');
  });

  it('[UI62] says that the peer writes, without reading it out', () => {
    const { enter } = drawPane(secure([]));
    expect(screen.queryByText('bob is writing …')).toBeNull();
    enter({ ...secure([]), peerTyping: true });
    expect(screen.getByText('bob is writing …').closest('[aria-live], [role="status"]')).toBeNull();
  });

  it('[UI62] shows what the peer records, and reads it out to nobody', () => {
    const { enter } = drawPane(secure([]));
    for (const [what, words] of [
      ['voice', 'bob is recording a voice message …'],
      ['video', 'bob is recording a video …'],
    ] as const) {
      enter({ ...secure([]), peerRecording: what });
      expect(screen.getByText(words).closest('[aria-live], [role="status"]')).toBeNull();
    }
    enter(secure([]));
    expect(screen.queryByText(/is recording/)).toBeNull();
  });
});

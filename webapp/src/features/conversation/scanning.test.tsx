// @vitest-environment jsdom
/**
 * Showing a code and reading the other one: what is asked of the camera, and what is said of the
 * outcome.
 */
import { act, screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { CodeReader, Scan } from '../../app/model.ts';
import { draw, inBrowser } from '../test/draw.tsx';
import { type SignedInView, secure, signedIn, theirs, withBob } from '../test/views.ts';
import { ConversationPane } from './ConversationPane.tsx';
import { CodeReaderContext } from './code-reader.ts';

inBrowser();

type Came = Awaited<ReturnType<CodeReader['watch']>>;

/** A camera that shows what it is told to. */
function fakeReader(picture: string | null = null) {
  const looks: { signal: AbortSignal; show(came: Came): void; break(): void }[] = [];
  const reader: CodeReader = {
    watch: (_, signal) =>
      new Promise((resolve, reject) => {
        looks.push({ signal, show: resolve, break: () => reject(new Error('not loaded')) });
      }),
    readPicture: async () => picture,
  };
  return { reader, looks };
}

function viewOf(scan: Scan | null, pin: 'firstUse' | 'verified' = 'firstUse'): SignedInView {
  const { conversation } = withBob(secure([theirs('hello')], pin));
  const { comparison } = conversation;
  return signedIn({
    conversation: { ...conversation, comparison: comparison && { ...comparison, scan } },
  });
}

async function openAtCode(reader: CodeReader | null, scan: Scan | null = null) {
  const drawn = draw<SignedInView>(
    ({ me, key, conversation }, model) => (
      <CodeReaderContext value={reader}>
        {conversation !== null && (
          <ConversationPane me={me} keyState={key} conversation={conversation} model={model} />
        )}
      </CodeReaderContext>
    ),
    viewOf(scan),
  );
  const badge = screen.getByRole('button', { name: /^Fingerprints: / });
  await drawn.user.click(badge);
  await drawn.user.click(screen.getByText('Side by side: scan a code'));
  return drawn;
}

const startButton = () => screen.getByRole('button', { name: 'Scan the code of bob' });
const show = (look: { show(came: Came): void } | undefined, came: Came) =>
  act(async () => look?.show(came));

describe('a code', () => {
  it('[UI110] is drawn, and named for those who do not see it', async () => {
    await openAtCode(null);
    const code = await screen.findByRole('img', {
      name: 'Code with the fingerprints of you and bob',
    });
    await act(() => import('qr'));
    expect(code.querySelector('path')?.getAttribute('d')).toMatch(/^M\d+ \d+h/);
  });

  it('[UI110, UI111] that was read is handed on once, and the camera is let go of', async () => {
    const { reader, looks } = fakeReader();
    const { model, user } = await openAtCode(reader);
    await user.click(startButton());
    expect(screen.getByLabelText('What the camera sees')).toBeTruthy();
    await show(looks[0], { is: 'read', text: 'DHCHAT:1/…' });
    expect(model.calls).toEqual([['scanned', 'DHCHAT:1/…']]);
    expect(screen.queryByLabelText('What the camera sees')).toBeNull();
    expect(looks.length).toBe(1);
  });

  it('[UI111] is not looked for any more once that is stopped, or its place is gone', async () => {
    const { reader, looks } = fakeReader();
    const { model, user, show: draws } = await openAtCode(reader);
    await user.click(startButton());
    await user.click(screen.getByRole('button', { name: 'Stop the camera' }));
    expect(looks[0]?.signal.aborted).toBe(true);
    await user.click(startButton());
    expect(looks[1]?.signal.aborted).toBe(false);
    draws(signedIn(withBob({ is: 'peerOffline' })));
    expect(looks[1]?.signal.aborted).toBe(true);
    await show(looks[1], { is: 'read', text: 'too late' });
    expect(model.calls).toEqual([]);
  });

  it.each([
    ['refused', /may not use the camera/],
    ['none', /No camera was found/],
    ['busy', /does not answer/],
    ['unsupported', /offers this page no camera/],
  ] as const)('[UI111] says why there is no camera, and another way: %s', async (why, words) => {
    const { reader, looks } = fakeReader();
    const { user } = await openAtCode(reader);
    await user.click(startButton());
    await show(looks[0], { is: 'failed', why });
    expect(screen.getByText(words).textContent).toMatch(/picture of the code/);
    expect(startButton()).toBeTruthy();
  });

  it('[UI111] says that its reader did not load', async () => {
    const { reader, looks } = fakeReader();
    const { user } = await openAtCode(reader);
    await user.click(startButton());
    await act(async () => looks[0]?.break());
    expect(screen.getByText(/did not load/)).toBeTruthy();
  });

  it('[UI110] is read from a picture, or it is said that there is none', async () => {
    const picture = new File(['…'], 'code.png', { type: 'image/png' });
    const found = await openAtCode(fakeReader('DHCHAT:1/picture').reader);
    await found.user.upload(screen.getByLabelText('Read a picture of the code'), picture);
    expect(found.model.calls).toEqual([['scanned', 'DHCHAT:1/picture']]);
  });

  it('[UI110] that is not in a picture is said to be missing', async () => {
    const picture = new File(['…'], 'cat.png', { type: 'image/png' });
    const { model, user } = await openAtCode(fakeReader(null).reader);
    await user.upload(screen.getByLabelText('Read a picture of the code'), picture);
    expect(screen.getByText('No code was found in this picture.')).toBeTruthy();
    expect(model.calls).toEqual([]);
  });

  it.each([
    ['same', /nobody sits between you/],
    ['otherPeople', /Nothing was compared/],
    ['unreadable', /no code of this chat. Nothing was compared/],
  ] as const)('[UI110] leads to words: %s', async (is, words) => {
    await openAtCode(null, { is });
    expect(screen.getByText(words)).toBeTruthy();
  });

  it('[UI112] that differs is an alarm in the dialog and outside it, and nothing confirms', async () => {
    const { model, user } = await openAtCode(null, { is: 'differs', about: ['peer'] });
    expect(screen.getAllByRole('alert', { hidden: true })).toHaveLength(2);
    const dialog = within(screen.getByRole('dialog'));
    expect(dialog.getByText(/shows another key of bob/)).toBeTruthy();
    expect(dialog.queryByRole('button', { name: /I compared it/ })).toBeNull();
    await user.click(dialog.getByRole('button', { name: 'End the conversation' }));
    expect(model.calls).toEqual([['leave']]);
  });

  it('[UI112] that differs stands above verified', async () => {
    const { show: draws } = await openAtCode(null);
    draws(viewOf({ is: 'differs', about: ['me', 'peer'] }, 'verified'));
    const badge = screen.getByRole('button', { name: /^Fingerprints: / });
    expect(badge.getAttribute('aria-label')).toBe('Fingerprints: Keys do not match');
    expect(within(screen.getByRole('dialog')).queryByText('Verified')).toBeNull();
    expect(screen.getAllByText(/both keys are other ones/)).toHaveLength(2);
  });

  it('[UI113] stands beside pictures, each with its word', async () => {
    await openAtCode(null);
    const dialog = within(screen.getByRole('dialog'));
    expect(dialog.getByRole('img', { name: 'Whale' })).toBeTruthy();
    expect(dialog.getByRole('img', { name: 'Lion' })).toBeTruthy();
    expect(dialog.getByText('Crown')).toBeTruthy();
  });
});

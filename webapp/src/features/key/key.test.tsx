// @vitest-environment jsdom
/**
 * The own key: where it is, and its fingerprint.
 */
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { draw, inBrowser } from '../test/draw.tsx';
import { aliceFingerprint, type SignedInView, signedIn } from '../test/views.ts';
import { KeyNotice } from './KeyNotice.tsx';
import { OwnKey } from './OwnKey.tsx';

inBrowser();

const drawNotice = (view: SignedInView) =>
  draw(
    ({ key, publishing, keyWork }: SignedInView, model) => (
      <KeyNotice keyState={key} publishing={publishing} keyWork={keyWork} model={model} />
    ),
    view,
  );

const drawOwnKey = (view: SignedInView) =>
  draw(
    ({ me, key, keyWork, byLibrary }: SignedInView, model) => (
      <OwnKey me={me} keyState={key} keyWork={keyWork} byLibrary={byLibrary} model={model} />
    ),
    view,
  );

describe('the own key', () => {
  it('[UI12] is not spoken of while it is here', () => {
    drawNotice(signedIn());
    expect(screen.queryByRole('status')).toBeNull();
  });

  it('[UI12] can be published when the server has none', async () => {
    const { model, user, show } = drawNotice(signedIn({ key: { is: 'missing' } }));
    await user.click(screen.getByRole('button', { name: 'Make and publish a key' }));
    expect(model.calls).toEqual([]);
    await user.type(screen.getByLabelText('Password'), 's3cret');
    await user.click(screen.getByRole('button', { name: 'Make and publish a key' }));
    expect(model.calls).toEqual([['publishKey', 's3cret']]);
    show(signedIn({ key: { is: 'missing' }, publishing: { is: 'asking' } }));
    await user.click(screen.getByRole('button', { name: 'Publishing …' }));
    expect(model.calls).toHaveLength(1);
  });

  it('[UI12] is explained when it is elsewhere, and replaced only after a question', async () => {
    const { model, user } = drawNotice(signedIn({ key: { is: 'elsewhere' } }));
    expect(screen.getByText(/made on another device/)).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Replace it with a new key' }));
    expect(model.calls).toEqual([]);
    const dialog = within(screen.getByRole('dialog'));
    expect(dialog.getByText(/is warned that your key changed/)).toBeTruthy();
    await user.type(dialog.getByLabelText('Password'), 's3cret');
    await user.click(dialog.getByRole('button', { name: 'Replace it with a new key' }));
    expect(model.calls).toEqual([['publishKey', 's3cret']]);
  });

  it('[UI12] offers the way to the password when that is asked for', async () => {
    const fault = { code: 'REAUTHENTICATION_REQUIRED', traceId: null };
    const { model, user } = drawNotice(
      signedIn({ key: { is: 'elsewhere' }, publishing: { is: 'failed', fault } }),
    );
    expect(screen.getByRole('alert').textContent).toContain('within 10 minutes');
    await user.click(screen.getByRole('button', { name: /^Sign out, to sign in/ }));
    expect(model.calls).toEqual([['signOut']]);
  });

  it('[UI12a] is told to be lost, and taken from a file with its password', async () => {
    const { model, user } = drawNotice(signedIn({ key: { is: 'lost' } }));
    expect(screen.getByText(/has cleared its storage/)).toBeTruthy();
    const file = new File([Uint8Array.of(1, 2, 3)], 'identity.dhchat');
    expect(screen.getByText('None chosen')).toBeTruthy();
    await user.upload(screen.getByLabelText(/A file with this key/), file);
    expect(screen.getByText(file.name)).toBeTruthy();
    await user.type(screen.getByLabelText('Password'), 's3cret');
    const submit = screen.getByRole('button', { name: 'Take the key from the file' });
    // jsdom does not count an uploaded file when it checks what is required.
    fireEvent.submit(submit.closest('form') ?? submit);
    await waitFor(() => expect(model.calls).toHaveLength(1));
    expect(model.calls).toEqual([['importIdentity', Uint8Array.of(1, 2, 3), 's3cret']]);
  });

  it('[UI12a] is taken from no file that is too large to be one', async () => {
    const { model, user } = drawNotice(signedIn({ key: { is: 'elsewhere' } }));
    const file = new File([new Uint8Array(1_048_577)], 'film.mp4');
    await user.upload(screen.getByLabelText(/A file with this key/), file);
    expect(screen.getByRole('alert').textContent).toMatch(/no file of this chat/);
    await user.type(screen.getByLabelText('Password'), 's3cret{Enter}');
    expect(model.calls).toEqual([]);
  });

  it('[UI12a] is opened with the password when it is locked, and says what went wrong', async () => {
    const key = { is: 'locked', fingerprint: aliceFingerprint } as const;
    const { model, user, show } = drawNotice(signedIn({ key }));
    await user.type(screen.getByLabelText('Password'), 's3cret');
    await user.click(screen.getByRole('button', { name: 'Open the key' }));
    expect(model.calls).toEqual([['unlock', 's3cret']]);
    show(signedIn({ key, keyWork: { is: 'busy', what: 'unlock' } }));
    await user.click(screen.getByRole('button', { name: 'Opening …' }));
    expect(model.calls).toHaveLength(1);
    show(signedIn({ key, keyWork: { is: 'failed', what: 'unlock', why: 'wrongPassword' } }));
    expect(screen.getByRole('alert').textContent).toBe('It does not open with this password.');
  });

  it('[UI13b] tells who computes the cryptography here', async () => {
    const { user, show } = drawOwnKey(signedIn());
    await user.click(screen.getByRole('button', { name: 'Your key, alice' }));
    expect(screen.queryByText(/by this browser itself/)).not.toBeNull();
    show(signedIn({ byLibrary: ['mlKem', 'ed25519'] }));
    expect(screen.queryByText(/library of this app: ML-KEM-768, Ed25519/)).not.toBeNull();
  });

  it('[UI13a] and the verified people are saved in files, each under its password', async () => {
    URL.createObjectURL = () => 'blob:made';
    URL.revokeObjectURL = () => {};
    const { model, user, show } = drawOwnKey(signedIn());
    await user.click(screen.getByRole('button', { name: 'Your key, alice' }));
    const forms = [...document.querySelectorAll('form')].map((form) => within(form));
    const submit = async (at: number, name: string) => {
      await user.type(forms[at]?.getByLabelText('Password') ?? document.body, 's3cret');
      await user.click(screen.getByRole('button', { name, hidden: true }));
    };
    await submit(0, 'Make a file of my key');
    await submit(1, 'Make a file of verified people');
    expect(model.calls).toEqual([
      ['exportIdentity', 's3cret'],
      ['exportPeers', 's3cret'],
    ]);
    const file = Uint8Array.of(1);
    show(signedIn({ keyWork: { is: 'done', what: 'exportIdentity', file } }));
    const link = screen.getByRole('link', { name: 'Save identity.dhchat' });
    expect(link.getAttribute('download')).toBe('identity.dhchat');
    await user.click(screen.getByRole('button', { name: 'Close' }));
    expect(model.calls.at(-1)).toEqual(['putAway']);
  });

  it('[UI13a] says that it cannot leave the browser, and what came of a file of people', async () => {
    const key = { is: 'ready', fingerprint: aliceFingerprint, exportable: false } as const;
    const { user, show } = drawOwnKey(signedIn({ key }));
    await user.click(screen.getByRole('button', { name: 'Your key, alice' }));
    expect(screen.getByText(/can never leave this browser/)).toBeTruthy();
    expect(
      screen.queryByRole('button', { name: 'Make a file of my key', hidden: true }),
    ).toBeNull();
    const conflicts = [{ peer: 'b', imported: aliceFingerprint }];
    const report = { added: 1, raised: 1, same: 3, conflicts };
    show(signedIn({ key, keyWork: { is: 'done', what: 'importPeers', report } }));
    const told = within(screen.getByRole('dialog')).getByRole('status').textContent;
    expect(told).toContain('Verified from the file: 2. Already verified here: 3.');
    expect(told).toContain('1 person has another key here');
  });

  it('[UI13] shows its fingerprint in groups of four, computed here', async () => {
    const { user } = drawOwnKey(signedIn());
    await user.click(screen.getByRole('button', { name: 'Your key, alice' }));
    const dialog = screen.getByRole('dialog');
    const groups = [...dialog.querySelectorAll('[data-fingerprint] span')];
    expect(groups).toHaveLength(16);
    expect(groups.map((group) => group.textContent.trim()).join('')).toBe(aliceFingerprint);
    expect(dialog.textContent).toContain('Computed in this browser');
  });
});

// @vitest-environment jsdom
/**
 * The own key: where it is, and its fingerprint.
 */
import { screen, within } from '@testing-library/react';
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

  it('[UI13] shows its fingerprint in groups of four, computed here', async () => {
    const { user } = draw(
      ({ me, key, keyWork }: SignedInView, model) => (
        <OwnKey me={me} keyState={key} keyWork={keyWork} model={model} />
      ),
      signedIn(),
    );
    await user.click(screen.getByRole('button', { name: 'Your key, alice' }));
    const dialog = screen.getByRole('dialog');
    const groups = [...dialog.querySelectorAll('[data-fingerprint] span')];
    expect(groups).toHaveLength(16);
    expect(groups.map((group) => group.textContent.trim()).join('')).toBe(aliceFingerprint);
    expect(dialog.textContent).toContain('Computed in this browser');
  });
});

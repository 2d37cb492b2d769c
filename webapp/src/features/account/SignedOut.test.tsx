// @vitest-environment jsdom
/**
 * Signing in, making an account, signing out.
 */
import { screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { draw, inBrowser } from '../test/draw.tsx';
import {
  aTransfer,
  mine,
  type SignedInView,
  secure,
  signedIn,
  signedOut,
  withBob,
} from '../test/views.ts';
import { SignedOut } from './SignedOut.tsx';
import { SignOut } from './SignOut.tsx';

inBrowser();

const drawForm = (changes: Parameters<typeof signedOut>[0] = {}) =>
  draw(
    (view: ReturnType<typeof signedOut>, model) => <SignedOut view={view} model={model} />,
    signedOut(changes),
  );

/** What keeps a browser and a keyboard from having a look at a word, and from mending it. */
const NOT_READ_ALONG = [
  ['spellcheck', 'false'],
  ['autocapitalize', 'none'],
  ['autocorrect', 'off'],
] as const;

describe('signing in', () => {
  it('[UI3] asks with the name trimmed and the password as typed', async () => {
    const { model, user } = drawForm();
    expect(document.activeElement).toBe(screen.getByLabelText('Username'));
    await user.keyboard(' alice ');
    await user.type(screen.getByLabelText('Password'), ' s3cret {Enter}');
    expect(model.calls).toEqual([['signIn', 'alice', ' s3cret ']]);
  });

  it('[UI3] cannot be asked twice at once', async () => {
    const { model, user } = drawForm({ busy: true });
    await user.type(screen.getByLabelText('Username'), 'alice');
    await user.type(screen.getByLabelText('Password'), 'secret12{Enter}');
    await user.click(screen.getByRole('button', { name: 'Signing in …' }));
    expect(model.calls).toEqual([]);
  });

  it('[UI3] reads out what went wrong, with the name of the request', () => {
    drawForm({ fault: { code: 'INVALID_CREDENTIALS', traceId: 'abcd1234' } });
    const alert = screen.getByRole('alert').textContent;
    expect(alert).toContain('The username or the password is wrong.');
    expect(alert).toContain('abcd1234');
  });
});

describe('making an account', () => {
  it('[UI4] ticks off what is asked for as it is fulfilled', async () => {
    const { model, user } = drawForm();
    await user.click(screen.getByRole('button', { name: 'No account? Make one' }));
    const stateOf = (words: RegExp) => screen.getByText(words).closest('li')?.dataset;
    expect(stateOf(/3 to 32/)).toMatchObject({ met: 'false' });

    await user.type(screen.getByLabelText('Username'), '-al');
    expect(stateOf(/3 to 32/)).toMatchObject({ met: 'true' });
    expect(stateOf(/both ends/)).toMatchObject({ met: 'false' });
    await user.clear(screen.getByLabelText('Username'));
    await user.type(screen.getByLabelText('Username'), 'al_ice');
    expect(stateOf(/both ends/)).toMatchObject({ met: 'true' });

    await user.type(screen.getByLabelText('Password'), 'abcdefgh');
    expect(stateOf(/8 to 128/)).toMatchObject({ met: 'true' });
    expect(stateOf(/one digit/)).toMatchObject({ met: 'false' });
    await user.type(screen.getByLabelText('Password'), '1');
    expect(stateOf(/one digit/)).toMatchObject({ met: 'true' });

    await user.click(screen.getByRole('button', { name: 'Make the account' }));
    expect(model.calls).toEqual([['register', 'al_ice', 'abcdefgh1']]);
  });

  it('[UI31] shows how strong the password is, and what would help', async () => {
    const { user } = drawForm();
    await user.click(screen.getByRole('button', { name: 'No account? Make one' }));
    const meter = screen.getByRole<HTMLMeterElement>('meter', { name: 'Strength of the password' });
    expect(meter.getAttribute('aria-valuetext')).toBe('nothing yet');
    await user.type(screen.getByLabelText('Password'), 'password1');
    expect(meter.getAttribute('aria-valuetext')).toBe('Weak');
    expect(screen.getByText(/many people use are guessed first/)).toBeTruthy();
    await user.clear(screen.getByLabelText('Password'));
    await user.type(screen.getByLabelText('Password'), 'quinces behind the old shed 7');
    expect([meter.value, meter.max]).toEqual([4, 4]);
  });

  it('[UI32] asks for what the server asks: any script, and more than the own name', async () => {
    const { user } = drawForm();
    await user.click(screen.getByRole('button', { name: 'No account? Make one' }));
    const isMet = (words: RegExp) => screen.getByText(words).closest('li')?.dataset['met'];
    const password = screen.getByLabelText('Password');
    await user.type(screen.getByLabelText('Username'), 'Alice');
    await user.type(password, 'айва за сараем ٣');
    expect([isMet(/one digit/), isMet(/little else/)]).toEqual(['true', 'true']);
    await user.clear(password);
    await user.type(password, 'aLICE123!');
    expect(isMet(/little else/)).toBe('false');
    await user.type(password, '?');
    expect(isMet(/little else/)).toBe('true');
  });

  it('[UI32] lets password managers and the clipboard fill it in', async () => {
    const { user } = drawForm();
    expect(screen.getByLabelText('Username')).toMatchObject({ autocomplete: 'username' });
    const password = screen.getByLabelText<HTMLInputElement>('Password');
    expect(password).toMatchObject({ autocomplete: 'current-password', maxLength: -1 });
    await user.click(password);
    await user.paste('three-words-and-7');
    expect(password.value).toBe('three-words-and-7');
  });

  it('[UI4] lets the password be looked at and says that it cannot be restored', async () => {
    const { user } = drawForm();
    await user.click(screen.getByRole('button', { name: 'No account? Make one' }));
    const password = screen.getByLabelText('Password');
    expect(password).toMatchObject({ type: 'password', autocomplete: 'new-password' });
    await user.click(screen.getByRole('button', { name: 'Show the password' }));
    expect(password).toMatchObject({ type: 'text' });
    for (const [name, value] of NOT_READ_ALONG) expect(password.getAttribute(name)).toBe(value);
    expect(screen.getByText(/Nobody can restore/)).toBeTruthy();
  });
});

describe('after parting', () => {
  it('[UI35] is told what became of the account', () => {
    const { show } = drawForm({ parted: 'deleted' });
    expect(screen.getByRole('status').textContent).toContain('Your account is removed');
    show(signedOut({ parted: 'forgotten' }));
    expect(screen.getByRole('status').textContent).toContain('has forgotten your account');
    show(signedOut());
    expect(screen.queryByRole('status')).toBeNull();
  });
});

describe('signing out', () => {
  const drawSignOut = (view: SignedInView) =>
    draw(
      ({ conversation }: SignedInView, model) => (
        <SignOut conversation={conversation} onSignOut={model.signOut} />
      ),
      view,
    );

  it('[UI23] asks first when there are messages to lose', async () => {
    const { model, user } = drawSignOut(signedIn(withBob(secure([mine('hi')]))));
    await user.click(screen.getByRole('button', { name: 'Sign out' }));
    const dialog = within(screen.getByRole('dialog'));
    expect(dialog.getByText(/conversation with bob ends/)).toBeTruthy();
    expect(model.calls).toEqual([]);
    await user.click(dialog.getByRole('button', { name: 'Sign out' }));
    expect(model.calls).toEqual([['signOut']]);
  });

  it('[UI23] asks first when there are files to lose', async () => {
    const withFile = withBob({ ...secure([]), transfers: [aTransfer()] });
    const { model, user } = drawSignOut(signedIn(withFile));
    await user.click(screen.getByRole('button', { name: 'Sign out' }));
    expect(screen.getByRole('dialog')).toBeTruthy();
    expect(model.calls).toEqual([]);
  });

  it('[UI23] does not ask when there are none', async () => {
    const { model, user } = drawSignOut(signedIn(withBob(secure([]))));
    await user.click(screen.getByRole('button', { name: 'Sign out' }));
    expect(model.calls).toEqual([['signOut']]);
  });
});

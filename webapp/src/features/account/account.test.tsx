// @vitest-environment jsdom
/**
 * Looking after the account: devices, the password, and parting for good.
 */
import { screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { Device } from '../../app/model.ts';
import { draw, inBrowser } from '../test/draw.tsx';
import { type SignedInView, signedIn } from '../test/views.ts';
import { ChangePassword } from './ChangePassword.tsx';
import { Devices } from './Devices.tsx';
import { deviceNameOf } from './device-words.ts';
import { DeleteAccount, ForgetDevice } from './Partings.tsx';

inBrowser();

const CHROME_ON_LINUX =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';
const SAFARI_ON_IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1';

const device = (changes: Partial<Device>): Device => ({
  id: 'one',
  userAgent: CHROME_ON_LINUX,
  address: '192.0.2.7',
  madeAt: Date.UTC(2026, 10, 1, 9, 0),
  usedAt: Date.UTC(2026, 10, 20, 12, 0),
  current: false,
  ...changes,
});

const here = device({ id: 'here', current: true });
const phone = device({ id: 'phone', userAgent: SAFARI_ON_IPHONE, address: '2001:db8::7' });
const listed = (...value: readonly Device[]) => signedIn({ devices: { is: 'answered', value } });

const drawDevices = (view: SignedInView) =>
  draw((next: SignedInView, model) => <Devices view={next} model={model} />, view);

describe('the devices', () => {
  it('[UI33] are asked for once, and shown with what they are, this one marked', () => {
    const { model, show } = drawDevices(signedIn({ devices: { is: 'asking' } }));
    expect(model.calls).toEqual([['lookAtDevices']]);
    expect(screen.getByRole('status').textContent).toBe('Asking the server …');
    show(listed(here, phone));
    expect(screen.getByRole('status').textContent).toBe('2 devices are signed in');
    const [first, second] = screen.getAllByRole('listitem');
    expect(first?.textContent).toMatch(/Chrome on Linux.*This device.*Last used: Nov 20, 2026/);
    expect(second?.textContent).toMatch(/Safari on iPhone.*From the address 2001:db8::7/);
    expect(second?.textContent).not.toContain('This device');
    expect(model.calls).toHaveLength(1);
  });

  it('[UI33] can be ended one by one, but for this one', async () => {
    const { model, user, show } = drawDevices(listed(here, phone));
    expect(screen.getAllByRole('button')).toHaveLength(1);
    await user.click(screen.getByRole('button', { name: 'Sign out: Safari on iPhone' }));
    expect(model.calls.at(-1)).toEqual(['endDevice', 'phone']);
    show({ ...listed(here, phone), accountWork: { is: 'busy', what: 'endDevice' } });
    await user.click(screen.getByRole('button', { name: 'Sign out: Safari on iPhone' }));
    expect(model.calls).toHaveLength(2);
    show({ ...listed(here), accountWork: { is: 'done', what: 'endDevice' } });
    expect(screen.getByText('The device is signed out.')).toBeTruthy();
    expect(document.activeElement).toBe(screen.getByRole('list'));
  });

  it('[UI33] say what went wrong', () => {
    const fault = { code: 'SERVICE_UNAVAILABLE', traceId: 'abcd1234' };
    drawDevices(signedIn({ devices: { is: 'failed', fault } }));
    expect(screen.getByRole('alert').textContent).toContain('abcd1234');
  });

  it('[UI33] are named by what they say of themselves', () => {
    expect(deviceNameOf(CHROME_ON_LINUX)).toEqual({ browser: 'Chrome', system: 'Linux' });
    const edge = `${CHROME_ON_LINUX.replace('X11; Linux x86_64', 'Windows NT 10.0')} Edg/156.0`;
    expect(deviceNameOf(edge)).toEqual({ browser: 'Edge', system: 'Windows' });
    const firefox = 'Mozilla/5.0 (Android 16; Mobile; rv:150.0) Gecko/150.0 Firefox/150.0';
    expect(deviceNameOf(firefox)).toEqual({ browser: 'Firefox', system: 'Android' });
    expect(deviceNameOf('curl/8.9')).toEqual({ browser: 'curl', system: null });
    expect(deviceNameOf('<b>')).toEqual({ browser: null, system: null });
  });

  it('[UI33] without a name are called so', () => {
    drawDevices(listed(device({ userAgent: '<b>who</b>' })));
    expect(screen.getByRole('listitem').textContent).toContain('A device without a name');
  });
});

describe('the password', () => {
  const drawForm = (view = signedIn()) =>
    draw((next: SignedInView, model) => <ChangePassword view={next} model={model} />, view);

  it('[UI34] is changed with the present one, once, and the fields are emptied', async () => {
    const { model, user, show } = drawForm();
    const [old, next] = [
      screen.getByLabelText<HTMLInputElement>('Present password'),
      screen.getByLabelText<HTMLInputElement>('New password'),
    ];
    expect([old.autocomplete, next.autocomplete]).toEqual(['current-password', 'new-password']);
    await user.type(old, ' old 1 ');
    await user.type(next, 'quinces behind 7');
    expect(screen.getByRole('meter').getAttribute('aria-valuetext')).toBe('Good');
    await user.click(screen.getByRole('button', { name: 'Change the password' }));
    expect(model.calls).toEqual([['changePassword', ' old 1 ', 'quinces behind 7']]);

    show(signedIn({ accountWork: { is: 'busy', what: 'changePassword' } }));
    await user.click(screen.getByRole('button', { name: 'Changing …' }));
    expect(model.calls).toHaveLength(1);
    show(signedIn({ accountWork: { is: 'done', what: 'changePassword' } }));
    expect(screen.getByText(/every other device is signed out\.$/)).toBeTruthy();
    expect([old.value, next.value]).toEqual(['', '']);
  });

  it('[UI34] that was wrong is told, and what was typed stays', async () => {
    const { user, show } = drawForm();
    const next = screen.getByLabelText<HTMLInputElement>('New password');
    await user.type(next, 'quinces behind 7');
    const fault = { code: 'INVALID_CREDENTIALS', traceId: null };
    show(signedIn({ accountWork: { is: 'failed', what: 'changePassword', fault } }));
    expect(screen.getByRole('alert').textContent).toBe('The password is wrong.');
    expect(next.value).toBe('quinces behind 7');
    const common = { code: 'VALIDATION_PASSWORD_COMMON', traceId: null };
    show(signedIn({ accountWork: { is: 'failed', what: 'changePassword', fault: common } }));
    expect(screen.getByRole('alert').textContent).toContain('Many people use this password.');
  });

  it('[UI34] tells password managers whose it is, and nobody else', () => {
    drawForm();
    const name = document.querySelector<HTMLInputElement>('input[autocomplete="username"]');
    expect([name?.value, name?.hidden]).toEqual(['alice', true]);
  });
});

describe('parting', () => {
  it('[UI35] forgets this browser after saying what is lost, the key above all', async () => {
    const { model, user, show } = draw(
      ({ key }: SignedInView, fake) => <ForgetDevice keyState={key} model={fake} />,
      signedIn(),
    );
    expect(screen.getByText(/this browser keeps nothing of your account/)).toBeTruthy();
    expect(screen.getByRole('note').textContent).toContain('Your key is in this browser.');
    show(signedIn({ key: { is: 'elsewhere' } }));
    expect(screen.queryByRole('note')).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Sign out and forget everything here' }));
    expect(model.calls).toEqual([['forgetDevice']]);
  });

  it('[UI35] removes the account only with the password, after saying what is lost', async () => {
    const { model, user, show } = draw(
      (view: SignedInView, fake) => <DeleteAccount view={view} model={fake} />,
      signedIn(),
    );
    expect(screen.getByRole('note').textContent).toMatch(/alice is removed for good/);
    const form = within(document.querySelector('form') ?? document.body);
    const remove = form.getByRole('button', { name: 'Delete the account for good' });
    await user.click(remove);
    expect(model.calls).toEqual([]);
    await user.type(form.getByLabelText('Password'), 's3cret 77');
    await user.click(remove);
    expect(model.calls).toEqual([['deleteAccount', 's3cret 77']]);
    const fault = { code: 'INVALID_CREDENTIALS', traceId: null };
    show(signedIn({ accountWork: { is: 'failed', what: 'deleteAccount', fault } }));
    expect(form.getByRole('alert').textContent).toBe('The password is wrong.');
  });
});

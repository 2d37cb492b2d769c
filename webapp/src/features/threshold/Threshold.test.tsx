// @vitest-environment jsdom
/**
 * Before anybody can sign in.
 */
import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { AppView } from '../../app/model.ts';
import { draw, inBrowser } from '../test/draw.tsx';
import { Unreachable, Unsupported } from './Threshold.tsx';

inBrowser();

describe('the threshold', () => {
  it('[UI1] tells a browser why it cannot do it', () => {
    type View = Extract<AppView, { at: 'unsupported' }>;
    const { show } = draw<View>(({ why }) => <Unsupported why={why} />, {
      at: 'unsupported',
      why: 'insecureContext',
    });
    expect(screen.getByText(/not opened over a secure connection/)).toBeTruthy();
    show({ at: 'unsupported', why: 'missingCrypto' });
    expect(screen.getByText(/lacks the cryptography/)).toBeTruthy();
  });

  it('[UI2] names a server that does not answer, and tries again on request', async () => {
    type View = Extract<AppView, { at: 'unreachable' }>;
    const { model, user } = draw<View>(
      ({ fault }, fake) => <Unreachable fault={fault} onRestart={fake.restart} />,
      { at: 'unreachable', fault: { code: 'NETWORK', traceId: null } },
    );
    expect(screen.getByRole('alert').textContent).toContain('cannot be reached');
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect(model.calls).toEqual([['restart']]);
  });
});

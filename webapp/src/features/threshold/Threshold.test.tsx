// @vitest-environment jsdom
/**
 * Before anybody can sign in.
 */
import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { Abilities, AppView } from '../../app/model.ts';
import { draw, inBrowser } from '../test/draw.tsx';
import { Broken, Unreachable, Unsupported } from './Threshold.tsx';

inBrowser();

describe('the threshold', () => {
  it('[UI1] tells a browser why it cannot do it', () => {
    type View = Extract<AppView, { at: 'unsupported' }>;
    const abilities: Abilities = { has: ['storage'], lacks: ['secureContext', 'camera'] };
    const { show } = draw<View>(({ why }) => <Unsupported why={why} abilities={abilities} />, {
      at: 'unsupported',
      why: 'insecureContext',
    });
    expect(screen.getByText(/not opened over a secure connection/)).toBeTruthy();
    show({ at: 'unsupported', why: 'missingCrypto' });
    expect(screen.getByText(/lacks the cryptography/)).toBeTruthy();
  });

  it('[UI117] names what the browser has, what it lacks, and what works without it', async () => {
    type View = Extract<AppView, { at: 'unsupported' }>;
    const abilities: Abilities = { has: ['storage'], lacks: ['camera'] };
    draw<View>(({ why }) => <Unsupported why={why} abilities={abilities} />, {
      at: 'unsupported',
      why: 'missingCrypto',
    });
    const items = (await screen.findAllByRole('listitem')).map(({ textContent }) => textContent);
    expect(items[0]).toMatch(/^Camera and microphone · missing.*picture/);
    expect(items[1]).toBe('Storage for your key · there');
  });

  it('[UI116] says that there is a new version where a part of the old one is gone', () => {
    draw<AppView>(() => <Broken outdated onReload={() => {}} />, { at: 'starting' });
    expect(screen.getByRole('alert').textContent).toContain('There is a new version');
    expect(screen.getByRole('button', { name: 'Load the new version' })).toBeTruthy();
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

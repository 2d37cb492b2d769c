// @vitest-environment jsdom
/** A file among the lines, in each of its stages. */
import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { TransferView } from '../../app/model.ts';
import { draw, inBrowser } from '../test/draw.tsx';
import { aTransfer, signedIn } from '../test/views.ts';
import { TransferItem } from './TransferItem.tsx';

inBrowser();

function drawn(changes: Partial<TransferView>) {
  return draw(
    (_, model) => (
      <ol>
        <TransferItem transfer={aTransfer(changes)} peerName="bob" isFirst model={model} />
      </ol>
    ),
    signedIn(),
  );
}

const presses = () =>
  screen.queryAllByRole('button').map((each) => each.getAttribute('aria-label') ?? '');
const says = () => screen.getByRole('listitem').textContent ?? '';

describe('a transfer among the lines', () => {
  it('[UI70] is named, with its size and its time', () => {
    drawn({ name: 'list.pdf', size: 1_400_000 });
    expect(says()).toMatch(/^bob: list\.pdf 1\.4 MB/);
    expect(document.querySelectorAll('time')).toHaveLength(1);
  });

  it('[UI70] has a name that is text, and turns nothing around it', () => {
    const name = '<img src=x onerror=alert(1)>\u05d0\u05d1.gpj.exe';
    drawn({ name });
    expect(document.querySelector('li img')).toBeNull();
    const shown = screen.getByText(name);
    expect(shown.tagName).toBe('BDI');
  });

  it('[UI70] is accepted or declined while it is offered', async () => {
    const { model, user } = drawn({ stage: { is: 'offered' } });
    expect(says()).toContain('bob wants to send you this');
    expect(presses()).toEqual(['Accept list.pdf', 'Decline list.pdf']);
    for (const each of screen.getAllByRole('button')) await user.click(each);
    expect(model.calls).toEqual([
      ['acceptFile', 3],
      ['cancelFile', 3],
    ]);
  });

  it('[UI70] can be paused and stopped on its way, and shows how far it has come', async () => {
    const { model, user } = drawn({ stage: { is: 'moving' }, bytes: 700_000 });
    const bar = screen.getByRole('progressbar', { name: 'Progress of list.pdf' });
    expect(bar).toMatchObject({ value: 700_000, max: 1_400_000 });
    expect(presses()).toEqual(['Pause list.pdf', 'Cancel list.pdf']);
    for (const each of screen.getAllByRole('button')) await user.click(each);
    expect(model.calls).toEqual([
      ['pauseFile', 3],
      ['cancelFile', 3],
    ]);
  });

  it('[UI70] goes on only where it was paused', async () => {
    const offers = (by: 'me' | 'peer' | 'both') => {
      const { model, user } = drawn({ stage: { is: 'paused', by } });
      const shown = { presses: presses(), model, user };
      document.body.replaceChildren();
      return shown;
    };
    const on = 'Go on with list.pdf';
    expect(offers('me').presses).toEqual([on, 'Cancel list.pdf']);
    expect(offers('both').presses).toEqual([on, 'Cancel list.pdf']);
    expect(offers('peer').presses).toEqual(['Cancel list.pdf']);
    const { model, user } = drawn({ stage: { is: 'paused', by: 'me' } });
    await user.click(screen.getByRole('button', { name: on }));
    expect(model.calls).toEqual([['resumeFile', 3]]);
  });

  it('[UI70] that is over says why, from where one stands', () => {
    const why = (stage: TransferView['stage'], by: 'me' | 'peer' = 'me') => {
      drawn({ stage, by });
      const words = says();
      expect(presses()).toEqual([]);
      document.body.replaceChildren();
      return words;
    };
    expect(why({ is: 'ended', why: 'declined', by: 'peer' })).toContain('Declined by bob');
    expect(why({ is: 'ended', why: 'cancelled', by: 'me' })).toContain('Stopped by you');
    const failed = { is: 'ended', why: 'failed' } as const;
    expect(why({ ...failed, by: 'me' })).toContain('cannot be read on this device');
    expect(why({ ...failed, by: 'peer' })).toContain('no room for it in the browser of bob');
    expect(why({ ...failed, by: 'me' }, 'peer')).toContain('no room for it in this browser');
    expect(why({ ...failed, by: 'peer' }, 'peer')).toContain('bob could not go on reading');
    expect(why({ is: 'ended', why: 'idle', by: 'me' })).toContain('10 minutes');
  });
});

// @vitest-environment jsdom
/** A file among the lines, in each of its stages. */
import { act, screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import type { TransferView } from '../../app/model.ts';
import { draw, inBrowser } from '../test/draw.tsx';
import { aTransfer, signedIn } from '../test/views.ts';
import type { FilesDevice } from './files-model.ts';
import { TransferItem } from './TransferItem.tsx';

inBrowser();

const device = {
  save: (async () => 'saved') as FilesDevice['save'],
  pdfWorker: () => {
    throw new Error('no PDF in these tests');
  },
};

function drawn(changes: Partial<TransferView>) {
  return draw(
    (_, model) => (
      <ol>
        <TransferItem
          transfer={aTransfer(changes)}
          peerName="bob"
          isFirst
          model={model}
          device={device}
        />
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
      expect(presses()).toEqual(by === 'me' ? ['Send again: list.pdf'] : []);
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

describe('a transfer on its way', () => {
  it('[UI75] says how fast it is, and how long it will take', () => {
    drawn({ stage: { is: 'moving' }, bytes: 400_000, bytesPerSecond: 50_000 });
    expect(says()).toContain('On its way · 50 kB a second · 20 sec left');
  });

  it('[UI75] says neither before it is known, nor while it stands still', () => {
    drawn({ stage: { is: 'moving' }, bytes: 0, bytesPerSecond: 0 });
    expect(says()).not.toContain('left');
    document.body.replaceChildren();
    drawn({ stage: { is: 'paused', by: 'me' }, bytes: 9, bytesPerSecond: 50_000 });
    expect(says()).not.toContain('left');
  });

  it('[UI75] that did not arrive is sent again by a press', async () => {
    const ended = { is: 'ended', why: 'idle', by: 'me' } as const;
    const { model, user } = drawn({ by: 'me', stage: ended });
    await user.click(screen.getByRole('button', { name: 'Send again: list.pdf' }));
    expect(model.calls).toEqual([['sendFileAgain', 3]]);
  });
});

const PNG = Uint8Array.from('\x89PNG\r\n\x1a\n', (char) => char.charCodeAt(0));
const utf8 = (text: string) => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;

/** A file that is here, with these bytes. */
async function here(bytes: Uint8Array<ArrayBuffer>, changes: Partial<TransferView> = {}) {
  const file = { size: bytes.length, stage: { is: 'delivered' }, ...changes } as const;
  const drawing = draw((_, model) => {
    model.files.set(3, bytes);
    const transfer = aTransfer(file);
    return (
      <ol>
        <TransferItem transfer={transfer} peerName="bob" isFirst model={model} device={device} />
      </ol>
    );
  }, signedIn());
  await screen.findByText(/ · /);
  return drawing;
}

describe('a file that is here', () => {
  it('[UI76] can be looked at and saved, as far as its sender wishes', async () => {
    const offers = async (accessMode: TransferView['accessMode'], by: 'me' | 'peer' = 'peer') => {
      await here(PNG, { name: 'a.png', accessMode, by });
      return gone(presses());
    };
    expect(await offers('both')).toEqual(['View a.png', 'Save a.png']);
    expect(await offers('view_only')).toEqual(['View a.png']);
    expect(await offers('download_only')).toEqual(['Save a.png']);
    for (const mode of ['both', 'view_only', 'download_only'] as const) {
      expect(await offers(mode, 'me')).toEqual(['View a.png']);
    }
    const stage = { is: 'ended', why: 'declined', by: 'peer' } as const;
    await here(PNG, { name: 'a.png', by: 'me', stage });
    expect(presses()).toEqual(['Send again: a.png', 'View a.png']);
  });

  it('[UI76] of a kind that is not shown is saved, or explained', async () => {
    const page = utf8('<!doctype html><script>alert(1)</script>');
    await here(page, { name: 'a.png', mime: 'image/png' });
    expect(says()).toContain('Web page or drawing');
    expect(says()).toContain('It is not what its name says. It may have script in it');
    expect(gone(presses())).toEqual(['Save a.png']);
    await here(page, { accessMode: 'view_only' });
    expect(presses()).toEqual([]);
    expect(says()).toContain('this page cannot show files of this kind');
  });

  it('[UI76] is not looked at before it is here', async () => {
    const { model } = drawn({ stage: { is: 'moving' } });
    await act(async () => void (await model.readFile(3, 0, 1)));
    expect(presses()).toEqual(['Pause list.pdf', 'Cancel list.pdf']);
  });

  it('[UI77] is told as read when it was saved, and not when that failed or was dismissed', async () => {
    for (const came of ['failed', 'dismissed', 'saved'] as const) {
      const saved: string[] = [];
      device.save = async ({ name, pieces }) => {
        for await (const piece of pieces()) saved.push(`${name}: ${piece.length}`);
        return came;
      };
      const { model, user } = await here(PNG, { name: 'a.png' });
      const button = screen.getByRole('button', { name: 'Save a.png' });
      await user.click(button);
      await vi.waitFor(() => expect(button.hasAttribute('aria-disabled')).toBe(false));
      expect(saved).toEqual(['a.png: 8']);
      const seen = model.calls.filter(([name]) => name === 'fileSeen');
      expect(seen).toEqual(came === 'saved' ? [['fileSeen', 3]] : []);
      document.body.replaceChildren();
    }
  });

  it('[UI77] says so to whoever sent it', async () => {
    await here(PNG, { by: 'me', isRead: true });
    expect(says()).toContain('Looked at or saved by bob');
    document.body.replaceChildren();
    await here(PNG, { by: 'me', isRead: false });
    expect(says()).toContain('Delivered');
  });
});

/** The presses that there were, with the drawing put away. */
function gone(shown: string[]): string[] {
  document.body.replaceChildren();
  return shown;
}

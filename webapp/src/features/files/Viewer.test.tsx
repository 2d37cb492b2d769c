// @vitest-environment jsdom
/** Looking at files, as far as a browser without pictures goes; the rest is in `e2e/files.e2e.ts`. */
import { createEvent, fireEvent, screen, waitFor } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { TransferView } from '../../app/model.ts';
import { setPageHidden } from '../test/browser.ts';
import { draw, inBrowser } from '../test/draw.tsx';
import { aTransfer, signedIn } from '../test/views.ts';
import { type Content, contentOf } from './content.ts';
import type { FilesDevice } from './files-model.ts';
import { TEXT_BYTES_MAX } from './read-text.ts';
import { Viewer } from './Viewer.tsx';

inBrowser();

const device: FilesDevice = {
  save: async () => 'saved',
  pdfWorker: () => {
    throw new Error('no PDF in these tests');
  },
};

/** Addresses that were made and not revoked, with the types of what they lead to. */
const addresses = new Map<string, string>();
let made = 0;

beforeEach(() => {
  addresses.clear();
  URL.createObjectURL = (blob) => {
    made += 1;
    addresses.set(`blob:${made}`, (blob as Blob).type);
    return `blob:${made}`;
  };
  URL.revokeObjectURL = (address) => void addresses.delete(address);
});

const utf8 = (text: string) => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;
const bytesOf = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

function look(bytes: Uint8Array<ArrayBuffer>, changes: Partial<TransferView> = {}, is?: Content) {
  const onClose = vi.fn();
  const transfer = aTransfer({ size: bytes.length, stage: { is: 'delivered' }, ...changes });
  const content = is ?? contentOf(bytes);
  let shown = true;
  const drawing = draw((_, model) => {
    model.files.set(transfer.id, bytes);
    const parts = { transfer, content, model, device, onClose };
    return shown ? <Viewer {...parts} /> : <p />;
  }, signedIn());
  const putAway = () => {
    shown = false;
    drawing.show(signedIn());
  };
  const seen = () => drawing.model.calls.filter(([name]) => name === 'fileSeen').length;
  return { ...drawing, onClose, putAway, seen };
}

describe('the viewer', () => {
  it('[UI78] shows a picture by an address of its own type, for as long as it is open', async () => {
    const png = bytesOf('\x89PNG\r\n\x1a\n');
    const { seen, putAway } = look(png, { name: 'a.html', mime: 'text/html' });
    const picture = await screen.findByRole('img', { name: 'a.html' });
    expect([...addresses]).toEqual([[picture.getAttribute('src'), 'image/png']]);
    expect(seen()).toBe(0);
    fireEvent.load(picture);
    expect(seen()).toBe(1);
    putAway();
    expect(addresses.size).toBe(0);
  });

  it('[UI78] says so when it is not what it began as, and tells nobody that it was seen', async () => {
    const { seen } = look(bytesOf('GIF89a'), { name: 'a.gif' });
    fireEvent.error(await screen.findByRole('img', { name: 'a.gif' }));
    expect(screen.getByRole('status').textContent).toContain('It cannot be shown');
    expect([seen(), addresses.size]).toEqual([0, 0]);
  });

  it('[UI78] plays video and sound, which are seen once there is something to see', async () => {
    const { seen } = look(bytesOf('\0\0\0\x20ftypisom'), { name: 'a.mp4' });
    const player = await screen.findByLabelText('Player: a.mp4');
    expect([...addresses.values()]).toEqual(['video/mp4']);
    expect([player.tagName, player.hasAttribute('autoplay')]).toEqual(['VIDEO', false]);
    fireEvent.loadedData(player);
    expect(seen()).toBe(1);
    fireEvent.error(player);
    expect(screen.getByRole('status').textContent).toContain('It cannot be shown');
  });

  it('[UI78] shows text as text, whatever it says, and as much of it as a page can bear', async () => {
    const evil = 'a list\n<img src=x onerror=alert(1)><script>alert(1)</script>\u202egnp.exe';
    const { seen } = look(utf8(evil));
    await waitFor(() => expect(document.querySelector('[data-file-text]')).not.toBeNull());
    const shown = document.querySelector('[data-file-text]');
    expect(shown?.textContent).toBe(evil);
    expect(shown?.children).toHaveLength(0);
    expect([seen(), addresses.size]).toEqual([1, 0]);
    document.body.replaceChildren();
    look(utf8('x'.repeat(TEXT_BYTES_MAX + 1)));
    await screen.findByText(/only the beginning/);
    expect(document.querySelector('[data-file-text]')?.textContent).toHaveLength(TEXT_BYTES_MAX);
  });

  it('[UI78] reads text in the encoding that it is in', async () => {
    look(bytesOf('\xff\xfe\x1f\x04\x40\x04\x38\x04'));
    await waitFor(() =>
      expect(document.querySelector('[data-file-text]')?.textContent).toBe('При'),
    );
  });

  it('[UI78] says so when the file is gone', async () => {
    look(utf8('some text'), { size: 900 });
    await waitFor(() =>
      expect(screen.getByRole('status').textContent).toContain('not here any more'),
    );
  });

  it('[UI77] tells nobody that an own file was seen', async () => {
    const { seen } = look(utf8('some text'), { by: 'me' });
    await waitFor(() => expect(document.querySelector('[data-file-text]')).not.toBeNull());
    expect(seen()).toBe(0);
  });
});

describe('a file that is only to be looked at', () => {
  const video = bytesOf('\0\0\0\x20ftypisom');
  const only = { accessMode: 'view_only' } as const;
  const key = (given: KeyboardEventInit, what: 'keyDown' | 'keyUp' = 'keyDown') => {
    const event = createEvent[what](document.body, given);
    fireEvent(document.body, event);
    return event.defaultPrevented;
  };

  it('[UI79] says what is asked, and that nothing prevents a picture of the screen', async () => {
    look(video, only);
    expect(screen.getByText(/Nobody can prevent a picture of the screen/)).not.toBeNull();
  });

  it('[UI79] has no menu, no selection, no dragging and no copy', async () => {
    const { putAway } = look(video, only);
    const player = await screen.findByLabelText(/^Player/);
    const prevented = () =>
      ['contextmenu', 'dragstart', 'selectstart', 'copy', 'cut'].map(
        (what) => !player.dispatchEvent(new Event(what, { bubbles: true, cancelable: true })),
      );
    expect(prevented()).toEqual([true, true, true, true, true]);
    putAway();
    const after = new Event('contextmenu', { bubbles: true, cancelable: true });
    expect(document.body.dispatchEvent(after)).toBe(true);
  });

  it('[UI79] does not hear the keys that copy, save, print, or look behind the page', () => {
    const { onClose, putAway } = look(video, only);
    const ctrl = { ctrlKey: true };
    const shift = { ctrlKey: true, shiftKey: true };
    const keys: readonly KeyboardEventInit[] = [
      { ...ctrl, key: 's', code: 'KeyS' },
      { ...ctrl, key: 'S', code: 'KeyS' },
      { ...ctrl, key: 'ы', code: 'KeyS' },
      { ...ctrl, key: 'p', code: 'KeyR' },
      { metaKey: true, key: 'p', code: 'KeyP' },
      { ...ctrl, key: 'c', code: 'KeyC' },
      { ...ctrl, key: 'u', code: 'KeyU' },
      { ...shift, key: 'I', code: 'KeyI' },
      { ...shift, key: 'J', code: 'KeyJ' },
      { ...shift, key: 'C', code: 'KeyC' },
      { metaKey: true, altKey: true, key: 'ˆ', code: 'KeyI' },
      { key: 'F12', code: 'F12' },
    ];
    for (const each of keys) expect([each, key(each)]).toEqual([each, true]);
    expect(onClose).not.toHaveBeenCalled();
    for (const each of [{ key: 'Tab' }, { key: 'ArrowDown' }, { key: 's' }, { key: 'Escape' }]) {
      expect(key(each)).toBe(false);
    }
    putAway();
    expect(key({ ...ctrl, key: 's', code: 'KeyS' })).toBe(false);
  });

  it('[UI79] is put away by a key that takes a picture, as far as the page hears of one', () => {
    const { onClose } = look(video, only);
    key({ key: 'PrintScreen' }, 'keyUp');
    key({ metaKey: true, shiftKey: true, key: '$', code: 'Digit4' });
    expect(onClose).toHaveBeenCalledTimes(2);
  });

  it('[UI79] is put away when the page is hidden, not in front, or printed', () => {
    const { onClose } = look(video, only);
    const happenings = [
      () => setPageHidden(true),
      () => window.dispatchEvent(new Event('blur')),
      () => window.dispatchEvent(new Event('beforeprint')),
    ];
    for (const [place, happen] of happenings.entries()) {
      happen();
      expect(onClose).toHaveBeenCalledTimes(place + 1);
    }
    setPageHidden(false);
    // The focus that goes from one thing of the page to the next is no going away.
    fireEvent.blur(screen.getByRole('button'));
    expect(onClose).toHaveBeenCalledTimes(3);
  });

  it('[UI79] leaves other files alone, and own ones', () => {
    for (const free of [{}, { ...only, by: 'me' as const }, { accessMode: 'both' as const }]) {
      const { onClose } = look(video, free);
      setPageHidden(true);
      setPageHidden(false);
      expect(key({ ctrlKey: true, key: 's', code: 'KeyS' })).toBe(false);
      expect(onClose).not.toHaveBeenCalled();
      document.body.replaceChildren();
    }
  });
});

describe('Escape', () => {
  it('[UI80] closes the viewer, and is heard by nothing under it', () => {
    const onClose = vi.fn();
    const under = vi.fn();
    const transfer = aTransfer({ stage: { is: 'delivered' } });
    draw(
      (_, model) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: it stands for whatever is under it.
        <div onKeyDown={under}>
          <Viewer
            transfer={transfer}
            content={{ is: 'text', encoding: 'utf-8' }}
            model={model}
            device={device}
            onClose={onClose}
          />
        </div>
      ),
      signedIn(),
    );
    const dialog = screen.getByRole('dialog');
    fireEvent.keyDown(dialog, { key: 'Escape' });
    expect(under).not.toHaveBeenCalled();
    fireEvent(dialog, createEvent('cancel', dialog, { cancelable: true }));
    expect(onClose).toHaveBeenCalledTimes(1);
  });
});

// @vitest-environment jsdom
/** Choosing files, by a press, a drop and a paste, and what is said before any is offered. */
import { createEvent, fireEvent, screen, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { draw, inBrowser } from '../test/draw.tsx';
import { aTransfer, secure, signedIn, withBob } from '../test/views.ts';
import { AttachButton } from './AttachButton.tsx';

inBrowser();

const LIMIT_BYTES = 1_000;

function drawn(queued = 0) {
  const waits = { by: 'me', stage: { is: 'queued' } } as const;
  const transfers = Array.from({ length: queued }, (_, id) => aTransfer({ ...waits, id }));
  return draw(
    (_, model) => <AttachButton peerName="bob" fileBytesMax={LIMIT_BYTES} model={model} />,
    signedIn(withBob({ ...secure([]), transfers })),
  );
}

function fileOf(name: string, bytes = 10): File {
  return new File([new Uint8Array(bytes)], name, { type: 'text/plain' });
}

function picker(): HTMLInputElement {
  const input = document.querySelector<HTMLInputElement>('input[type="file"]');
  if (input === null) throw new Error('there is a picker');
  return input;
}

const rows = () => within(screen.getByRole('dialog')).queryAllByRole('listitem');
const as = (accessMode: string) => ({ accessMode, kind: 'file', durationMs: null });
/** jsdom drags nothing: what a browser gives with such an event. */
const bearing = (files: readonly File[], types = ['Files']) => ({
  dataTransfer: { files, types, items: [] },
});

/** A drag that leaves for another element, or the page. */
function leaving(relatedTarget: Element | null): Event {
  const event = createEvent.dragLeave(document.body);
  return Object.defineProperty(event, 'relatedTarget', { value: relatedTarget });
}

describe('files that are chosen', () => {
  it('[UI73] are listed, and offered by a press only, each for what it was meant', async () => {
    const { model, user } = drawn();
    await user.upload(picker(), [fileOf('a.txt'), fileOf('b.txt'), fileOf('c.txt')]);
    expect(rows()).toHaveLength(3);
    expect(screen.getByRole('dialog').textContent).toContain('A file has at most 1 kB');
    expect(model.calls).toEqual([]);
    const may = (name: string) => screen.getByRole('combobox', { name: `bob may, with ${name}` });
    await user.selectOptions(may('a.txt'), 'only look at it');
    await user.selectOptions(may('c.txt'), 'only save it');
    await user.click(screen.getByRole('button', { name: 'Do not send b.txt' }));
    await user.upload(picker(), [fileOf('d.txt')]);
    await user.click(screen.getByRole('button', { name: 'Offer 3 files' }));
    const sent = model.calls.map(([name, , file, how]) => [name, file, how]);
    expect(sent).toEqual([
      ['sendFile', 'a.txt', as('view_only')],
      ['sendFile', 'c.txt', as('download_only')],
      ['sendFile', 'd.txt', as('both')],
    ]);
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('[UI73] can all be kept back', async () => {
    const { model, user } = drawn();
    await user.upload(picker(), [fileOf('a.txt')]);
    const [close] = screen.getAllByRole('button', { name: 'Send nothing' });
    if (close !== undefined) await user.click(close);
    expect(screen.queryByRole('dialog')).toBeNull();
    await user.upload(picker(), [fileOf('a.txt')]);
    await user.click(screen.getByRole('button', { name: 'Do not send a.txt' }));
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(model.calls).toEqual([]);
  });

  it('[UI80] are put away by Escape, which is heard by nothing under the dialog', async () => {
    const under = vi.fn();
    const { user } = draw(
      (_, model) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: it stands for whatever is under it.
        <div onKeyDown={under}>
          <AttachButton peerName="bob" fileBytesMax={LIMIT_BYTES} model={model} />
        </div>
      ),
      signedIn(),
    );
    await user.upload(picker(), [fileOf('a.txt')]);
    fireEvent.keyDown(screen.getByRole('dialog'), { key: 'Escape' });
    expect(under).not.toHaveBeenCalled();
  });

  it('[UI73] say why they cannot be sent, and stay behind', async () => {
    const { model, user } = drawn(15);
    const chosen = [
      fileOf('large.txt', LIMIT_BYTES + 1),
      fileOf('empty.txt', 0),
      fileOf('good.txt', LIMIT_BYTES),
      fileOf('more.txt'),
    ];
    await user.upload(picker(), chosen);
    const said = rows().map(({ textContent }) => textContent ?? '');
    expect(said[0]).toContain('Too large: a file has at most 1 kB');
    expect(said[1]).toContain('It is empty');
    expect(said[3]).toContain('Too many wait');
    await user.click(screen.getByRole('button', { name: 'Offer 1 file' }));
    expect(model.calls.map(([, , name]) => name)).toEqual(['good.txt']);
    await user.upload(picker(), [fileOf('empty.txt', 0)]);
    expect(screen.getByRole('button', { name: 'Offer 0 files' })).toHaveProperty('disabled', true);
  });

  it('[UI73] have names that are text', async () => {
    const { user } = drawn();
    await user.upload(picker(), [fileOf('<img src=x onerror=alert(1)>.txt'), fileOf('__proto__')]);
    expect(document.querySelector('li img')).toBeNull();
    expect(rows().map((row) => row.querySelector('bdi')?.textContent)).toEqual([
      '<img src=x onerror=alert(1)>.txt',
      '__proto__',
    ]);
  });

  it('[UI74] say that a wish is none that anything enforces', async () => {
    const { user } = drawn();
    await user.upload(picker(), [fileOf('a.txt')]);
    expect(screen.queryByText(/This is a wish and no lock/)).toBeNull();
    await user.selectOptions(screen.getByRole('combobox'), 'only look at it');
    expect(screen.getByText(/This is a wish and no lock/)).not.toBeNull();
  });
});

describe('files that are dropped or pasted', () => {
  it('[UI73] are listed, wherever on the page they are dropped, and never open in its place', () => {
    drawn();
    const file = fileOf('a.txt');
    expect(fireEvent.dragOver(document.body, bearing([file]))).toBe(false);
    expect(screen.queryByText('Drop it here to send it to bob')).not.toBeNull();
    expect(fireEvent.drop(document.body, bearing([file]))).toBe(false);
    expect(screen.queryByText('Drop it here to send it to bob')).toBeNull();
    expect(rows()).toHaveLength(1);
  });

  it('[UI73] are none when text is dragged, or something of the page itself', () => {
    drawn();
    expect(fireEvent.dragOver(document.body, bearing([], ['text/plain']))).toBe(true);
    fireEvent.dragStart(document.body);
    expect(fireEvent.drop(document.body, bearing([fileOf('own.png')]))).toBe(true);
    fireEvent.dragEnd(document.body);
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('[UI73] hang over the page until they leave it', () => {
    drawn();
    fireEvent.dragOver(document.body, bearing([fileOf('a.txt')]));
    fireEvent(document.body, leaving(document.documentElement));
    expect(screen.queryByText('Drop it here to send it to bob')).not.toBeNull();
    fireEvent(document.body, leaving(null));
    expect(screen.queryByText('Drop it here to send it to bob')).toBeNull();
  });

  it('[UI73] are pasted, unless there is text to paste', () => {
    drawn();
    const paste = (types: string[]) =>
      fireEvent.paste(document.body, {
        clipboardData: { files: [fileOf('image.png')], types },
      });
    expect(paste(['text/plain', 'Files'])).toBe(true);
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(paste(['Files'])).toBe(false);
    expect(rows()).toHaveLength(1);
  });

  it('[UI73] wait while another dialog asks about something else', () => {
    drawn();
    const other = document.createElement('dialog');
    other.setAttribute('open', '');
    document.body.append(other);
    fireEvent.drop(document.body, bearing([fileOf('a.txt')]));
    expect(rows()).toHaveLength(0);
    other.remove();
  });
});

// @vitest-environment jsdom
/**
 * The lines of a conversation: their order, the list's place, and what was in sight.
 */
import { act, fireEvent, screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import type { Line, TransferView } from '../../app/model.ts';
import { comesIntoSight, isWatched, setPageHidden, setScroll } from '../test/browser.ts';
import { draw, inBrowser } from '../test/draw.tsx';
import {
  aTransfer,
  bob,
  mine,
  type SignedInView,
  secure,
  signedIn,
  theirs,
  withBob,
} from '../test/views.ts';
import { DraftsContext } from './drafts.ts';
import { Talk } from './Talk.tsx';

inBrowser();

function FileName({ transfer }: { transfer: TransferView }) {
  return <li data-line-id={`file ${transfer.id}`}>{transfer.name}</li>;
}

function drawTalk(lines: readonly Line[], transfers: readonly TransferView[] = []) {
  const drafts = new Map<string, string>();
  const viewOf = (next: readonly Line[]) => signedIn(withBob({ ...secure(next), transfers }));
  const drawn = draw<SignedInView>(({ conversation }, model) => {
    const phase = conversation?.phase;
    return phase?.is === 'secure' ? (
      <DraftsContext value={drafts}>
        <Talk peer={bob} phase={phase} model={model} Transfer={FileName} />
      </DraftsContext>
    ) : (
      <p />
    );
  }, viewOf(lines));
  return { ...drawn, show: (next: readonly Line[]) => drawn.show(viewOf(next)) };
}

const items = () =>
  [...screen.getByRole('log').querySelectorAll('[data-line-id]')].map((item) => item.textContent);

describe('lines', () => {
  it('[UI20] stand in order with author, time and a named state', () => {
    const lines = [theirs('one'), mine('two', 'delivered'), mine('three', 'unconfirmed')];
    drawTalk(lines);
    expect(items().map((text) => text.replace(/\d.*$/, ''))).toEqual([
      'bob: one',
      'You: two',
      'You: three',
    ]);
    expect(document.querySelectorAll('time')).toHaveLength(3);
    const states = screen.getAllByRole('img').map((state) => state.getAttribute('aria-label'));
    expect(states).toEqual(['Delivered', 'Not confirmed: the conversation ended first']);
  });

  it('[UI20] are text and never markup', () => {
    drawTalk([theirs('<img src=x onerror=alert(1)>\n<b>bold</b>')]);
    expect(document.querySelector('li img, li b')).toBeNull();
    expect(items()[0]).toContain('<b>bold</b>');
  });
});

describe('files', () => {
  it('[UI50] stand among the lines, and days above them', () => {
    const [one, two] = [theirs('one'), theirs('two')];
    drawTalk([one, two], [aTransfer({ at: one.at + 1, name: 'list.pdf' })]);
    const rows = screen.getAllByRole('listitem').map((row) => row.textContent);
    expect(rows.map((text) => text.replace(/\d+:.*$/, ''))).toEqual([
      expect.stringMatching(/^Friday, November 20/),
      'bob: one',
      'list.pdf',
      'bob: two',
    ]);
  });
});

describe('a long list', () => {
  const rowsOf = (log: HTMLElement) => log.querySelectorAll('li');

  it('[UI61] is drawn only where it is in view, with its whole length', () => {
    const rect = { height: 40 } as DOMRect;
    vi.spyOn(Element.prototype, 'getBoundingClientRect').mockReturnValue(rect);
    const lines = Array.from({ length: 2_000 }, (_, n) => theirs(`line ${n}`));
    drawTalk(lines);
    const log = screen.getByRole('log');
    expect(rowsOf(log).length).toBeLessThan(60);
    expect(items().at(-1)).toContain('line 1999');
    const last = [...rowsOf(log)].at(-1);
    expect([last?.ariaPosInSet, last?.ariaSetSize]).toEqual(['2001', '2001']);
  });
});

describe('an answer', () => {
  const quote = () => screen.queryByRole('button', { name: /^In answer to/ });

  it('[UI56] shows what it answers, as that stands, and leads there', async () => {
    const one = theirs('which door?');
    const two = { ...mine('the green one'), replyTo: one.id };
    const { user, show } = drawTalk([one, two]);
    expect(quote()?.textContent).toBe('In answer to: bobwhich door?');
    await user.click(quote() as HTMLElement);
    const there = document.querySelector(`[data-line-id="${one.id}"]`);
    expect(there?.contains(document.activeElement)).toBe(true);
    expect(there?.querySelector('.outline-accent')).not.toBeNull();
    show([{ ...one, text: 'which gate?', edited: true }, two]);
    expect(quote()?.textContent).toContain('which gate?');
  });

  it.each([
    ['deleted', (line: Line) => [{ ...line, text: '', deleted: true }]],
    ['hidden', (line: Line) => [{ ...line, text: '', hidden: true }]],
    ['too old to be kept', () => []],
  ])('[UI56] says that what it answers is gone: %s', (_, left) => {
    const one = theirs('a secret');
    drawTalk([...left(one), { ...mine('answer'), replyTo: one.id }]);
    expect(quote()).toBeNull();
    expect(items().at(-1)).toContain('In answer to: A message that is gone');
    expect(document.body.textContent).not.toContain('a secret');
  });

  it('[UI56] is begun in the menu, told with its line, and can be given up', async () => {
    const line = theirs('which door?');
    const { model, user } = drawTalk([line]);
    const reply = async () => {
      await user.click(screen.getByRole('button', { name: 'What to do with “which door?”' }));
      await user.click(screen.getByRole('menuitem', { name: 'Reply' }));
    };
    const said = () => model.calls.filter(([name]) => name === 'say');
    await reply();
    expect(document.activeElement).toBe(screen.getByRole('textbox'));
    expect(screen.getByText('Reply to bob')).toBeTruthy();
    await user.keyboard('the green one{Enter}');
    expect(said()).toEqual([['say', 'the green one', line.id]]);
    expect(screen.queryByText('Reply to bob')).toBeNull();
    await reply();
    await user.keyboard('no{Escape}');
    expect(screen.queryByText('Reply to bob')).toBeNull();
    await user.keyboard('{Enter}');
    expect(said().at(-1)).toEqual(['say', 'no']);
  });

  it('[UI56] is a plain line again when what it answers is gone', async () => {
    const line = theirs('which door?');
    const { model, user, show } = drawTalk([line]);
    await user.click(screen.getByRole('button', { name: 'What to do with “which door?”' }));
    await user.click(screen.getByRole('menuitem', { name: 'Reply' }));
    show([{ ...line, text: '', deleted: true }]);
    await user.keyboard('what?{Enter}');
    expect(model.calls.filter(([name]) => name === 'say')).toEqual([['say', 'what?']]);
  });
});

describe('changing a line', () => {
  const field = () => screen.getByRole('textbox') as HTMLTextAreaElement;
  const young = (text: string): Line => ({ ...mine(text), at: Date.now() });
  const edits = (model: { calls: readonly (readonly unknown[])[] }) =>
    model.calls.filter(([name]) => name === 'edit');

  it('[UI57] is done where one writes, and what was begun there comes back', async () => {
    const line = young('on my way');
    const { model, user } = drawTalk([line]);
    await user.type(field(), 'begun');
    await user.click(screen.getByRole('button', { name: 'What to do with “on my way”' }));
    await user.click(screen.getByRole('menuitem', { name: 'Change' }));
    expect([field().value, document.activeElement]).toEqual(['on my way', field()]);
    await user.keyboard('!{Enter}');
    expect(edits(model)).toEqual([['edit', line.id, 'on my way!']]);
    expect(field().value).toBe('begun');
  });

  it('[UI57] begins with the arrow up where nothing is written, at the last own line', async () => {
    const [old, own] = [{ ...mine('old'), at: 0 }, young('own')];
    const { model, user, show } = drawTalk([old, theirs('theirs')]);
    await user.type(field(), '{ArrowUp}');
    expect(field().value).toBe('');
    show([old, own, theirs('theirs')]);
    await user.type(field(), 'x{ArrowUp}');
    expect(field().value).toBe('x');
    await user.type(field(), '{Backspace}{ArrowUp}');
    expect(field().value).toBe('own');
    await user.keyboard('{Enter}');
    expect(edits(model)).toEqual([]);
    expect(field().value).toBe('');
  });

  it('[UI57] is given up with Escape, or by its button', async () => {
    const { model, user } = drawTalk([young('own')]);
    await user.type(field(), '{ArrowUp} changed{Escape}');
    expect([field().value, screen.queryByText('Change your message')]).toEqual(['', null]);
    await user.type(field(), '{ArrowUp}');
    await user.click(screen.getByRole('button', { name: 'Leave it as it was' }));
    expect([field().value, edits(model), document.activeElement]).toEqual(['', [], field()]);
  });

  it('[UI57] keeps the text and says so when the 15 min are over', () => {
    vi.useFakeTimers();
    try {
      const line = { ...mine('own'), at: Date.now() - 14 * 60_000 };
      const { model } = drawTalk([line]);
      fireEvent.keyDown(field(), { key: 'ArrowUp' });
      fireEvent.change(field(), { target: { value: 'changed' } });
      act(() => vi.advanceTimersByTime(60_001));
      fireEvent.keyDown(field(), { key: 'Enter' });
      expect([edits(model), field().value]).toEqual([[], 'changed']);
      expect(screen.getByText(/these are over/)).toBeTruthy();
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('reactions', () => {
  it('[UI58] stand below their line, say whose they are, and a press joins in or takes back', async () => {
    const line: Line = {
      ...theirs('hello'),
      reactions: [
        { by: 'me', emoji: '👍' },
        { by: 'peer', emoji: '🔥' },
      ],
    };
    const { model, user, show } = drawTalk([line]);
    await user.click(screen.getByRole('button', { name: '👍 by You', pressed: true }));
    await user.click(screen.getByRole('button', { name: '🔥 by bob', pressed: false }));
    expect(model.calls).toEqual([
      ['react', line.id, null],
      ['react', line.id, '🔥'],
    ]);
    const both = [
      { by: 'peer', emoji: '🔥' },
      { by: 'me', emoji: '🔥' },
    ] as const;
    show([{ ...line, reactions: both }]);
    const shared = screen.getByRole('button', { name: '🔥 by bob, You' });
    expect([shared.textContent, shared.dataset['count']]).toEqual(['🔥', '2']);
  });
});

describe('the keyboard', () => {
  const stops = () =>
    [...document.querySelectorAll<HTMLElement>('[data-acts]')].map(({ tabIndex }) => tabIndex);
  const at = () => document.activeElement?.closest('[data-line-id]')?.getAttribute('data-line-id');

  it('[UI54] stops at one line, the newest at first, and moves by arrows', async () => {
    const lines = ['one', 'two', 'three'].map(theirs);
    const { user } = drawTalk(lines);
    expect(stops()).toEqual([-1, -1, 0]);
    act(() => document.querySelector<HTMLElement>('[data-acts][tabindex="0"]')?.focus());
    await user.keyboard('{ArrowUp}{ArrowUp}');
    expect([at(), stops()]).toEqual([lines[0]?.id, [0, -1, -1]]);
    await user.keyboard('{ArrowUp}{ArrowDown}');
    expect(at()).toBe(lines[1]?.id);
  });

  it('[UI24] is in the list when the line where it was is gone', () => {
    const lines = ['one', 'two'].map(theirs);
    const { show } = drawTalk(lines);
    act(() => document.querySelector<HTMLElement>('[data-acts][tabindex="0"]')?.focus());
    show(lines.slice(0, 1));
    expect(document.activeElement).toBe(screen.getByRole('log'));
  });
});

describe('a link', () => {
  it('[UI64] tells nobody where it was pressed, and names a host that looks like another', () => {
    drawTalk([theirs('see https://\u0430pple.example/ <b>')]);
    const link = screen.getByRole('link');
    expect(link.getAttribute('href')).toBe('https://xn--pple-43d.example/');
    expect([link.getAttribute('target'), link.getAttribute('rel')]).toEqual([
      '_blank',
      'noopener noreferrer',
    ]);
    expect(items()[0]).toContain('\u0430pple.example/ (xn--pple-43d.example) <b>');
  });
});

describe('a changed line', () => {
  it('[UI29] shows what it says after it was edited, and that it was', () => {
    const line = theirs('first');
    const { show } = drawTalk([line]);
    expect(screen.queryByText('edited')).toBeNull();
    show([{ ...line, text: 'second', edited: true }]);
    expect(screen.queryByText('first')).toBeNull();
    expect(items()[0]).toMatch(/^bob: second.*edited/);
  });

  it('[UI29] keeps its place without its text when it was deleted', () => {
    const line = theirs('a secret');
    const { show } = drawTalk([line, theirs('after')]);
    show([{ ...line, text: '', deleted: true }, theirs('after')]);
    expect(items()[0]).toMatch(/^bob: Deleted/);
    expect(document.body.textContent).not.toContain('a secret');
  });
});

describe('the list', () => {
  const scrolledTo = (log: HTMLElement, top: number) => {
    log.scrollTop = top;
    fireEvent.scroll(log);
  };

  it('[UI21] stays at its end while lines come', () => {
    const lines = [theirs('one')];
    const { show } = drawTalk(lines);
    const log = screen.getByRole('log');
    setScroll(log, { client: 100, scroll: 500 });
    show([...lines, theirs('two')]);
    expect(log.scrollTop).toBe(400);
  });

  it('[UI21] stays where somebody reads, counts what they missed, and goes there on request', async () => {
    const lines = [theirs('one')];
    const { show, user } = drawTalk(lines);
    const log = screen.getByRole('log');
    setScroll(log, { client: 100, scroll: 500 });
    scrolledTo(log, 400);
    scrolledTo(log, 200);
    expect(screen.getByRole('button', { name: 'To the newest message' })).toBeTruthy();
    show([...lines, theirs('two'), theirs('three')]);
    expect(log.scrollTop).toBe(200);
    await user.click(screen.getByRole('button', { name: '2 new messages' }));
    expect(log.scrollTop).toBe(400);
    expect(screen.queryByRole('button', { name: /new/ })).toBeNull();
  });

  it('[UI100] is at rest where there is nothing to scroll', () => {
    const frames: FrameRequestCallback[] = [];
    vi.spyOn(window, 'requestAnimationFrame').mockImplementation((frame) => frames.push(frame));
    vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(500);
    const { show } = drawTalk([theirs('one')]);
    show([theirs('one'), theirs('two')]);
    let drawn = 0;
    for (let frame = frames.shift(); frame !== undefined && drawn < 20; frame = frames.shift()) {
      const due = frame;
      act(() => due(performance.now()));
      drawn += 1;
    }
    expect(drawn).toBeGreaterThan(0);
    expect(drawn).toBeLessThan(20);
  });

  it('[UI21] is brought back by an own line', () => {
    const lines = [theirs('one')];
    const { show } = drawTalk(lines);
    const log = screen.getByRole('log');
    setScroll(log, { client: 100, scroll: 500 });
    scrolledTo(log, 200);
    show([...lines, mine('two')]);
    expect(log.scrollTop).toBe(400);
  });
});

describe('what was in sight', () => {
  const seen = (model: { calls: readonly (readonly unknown[])[] }) =>
    model.calls.filter(([name]) => name === 'seen').map(([, id]) => id);

  it('[UI22] is told once half of a line is in view', () => {
    const line = theirs('one');
    const { model } = drawTalk([line]);
    comesIntoSight(line.id, 0.49);
    expect(seen(model)).toEqual([]);
    comesIntoSight(line.id, 0.5);
    comesIntoSight(line.id, 1);
    expect(seen(model)).toEqual([line.id]);
  });

  it('[UI22] is told of a line that fills half of the view', () => {
    const line = theirs('long');
    const { model } = drawTalk([line]);
    setScroll(screen.getByRole('log'), { client: 400, scroll: 4_000 });
    comesIntoSight(line.id, 0.1, 199);
    expect(seen(model)).toEqual([]);
    comesIntoSight(line.id, 0.1, 200);
    expect(seen(model)).toEqual([line.id]);
  });

  it('[UI22] is told of the newest only, and never of an own line', () => {
    const [one, own, two] = [theirs('one'), mine('own'), theirs('two')];
    const { model, show } = drawTalk([one, own, two]);
    expect(isWatched(own.id)).toBe(false);
    comesIntoSight(two.id, 1);
    comesIntoSight(one.id, 1);
    expect(seen(model)).toEqual([two.id]);
    const three = theirs('three');
    show([one, own, two, three]);
    comesIntoSight(three.id, 1);
    expect(seen(model)).toEqual([two.id, three.id]);
  });

  it('[UI22] is told on when the oldest lines leave the list', () => {
    const lines = ['one', 'two', 'three'].map(theirs);
    const { model, show } = drawTalk(lines);
    for (const { id } of lines) comesIntoSight(id, 1);
    const next = theirs('four');
    show([...lines.slice(1), next]);
    comesIntoSight(next.id, 1);
    expect(seen(model)).toEqual([...lines.map(({ id }) => id), next.id]);
  });

  it('[UI22] is told only when somebody can see the page', () => {
    const line = theirs('one');
    const { model } = drawTalk([line]);
    act(() => setPageHidden(true));
    comesIntoSight(line.id, 1);
    expect(seen(model)).toEqual([]);
    act(() => setPageHidden(false));
    expect(seen(model)).toEqual([line.id]);
  });

  it('[UI22] is not told of what went out of sight before the page was seen', () => {
    const line = theirs('one');
    const { model } = drawTalk([line]);
    act(() => setPageHidden(true));
    comesIntoSight(line.id, 1);
    comesIntoSight(line.id, 0);
    act(() => setPageHidden(false));
    expect(seen(model)).toEqual([]);
  });
});

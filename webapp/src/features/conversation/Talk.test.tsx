// @vitest-environment jsdom
/**
 * The lines of a conversation: their order, the list's place, and what was in sight.
 */
import { act, fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { Line } from '../../app/model.ts';
import { comesIntoSight, isWatched, setPageHidden, setScroll } from '../test/browser.ts';
import { draw, inBrowser } from '../test/draw.tsx';
import { bob, mine, type SignedInView, secure, signedIn, theirs, withBob } from '../test/views.ts';
import { Talk } from './Talk.tsx';

inBrowser();

function drawTalk(lines: readonly Line[]) {
  const viewOf = (next: readonly Line[]) => signedIn(withBob(secure(next)));
  const drawn = draw<SignedInView>(({ conversation }, model) => {
    const phase = conversation?.phase;
    return phase?.is === 'secure' ? <Talk peer={bob} phase={phase} model={model} /> : <p />;
  }, viewOf(lines));
  return { ...drawn, show: (next: readonly Line[]) => drawn.show(viewOf(next)) };
}

const items = () => screen.getAllByRole('listitem').map((item) => item.textContent);

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
    expect(log.scrollTop).toBe(500);
  });

  it('[UI21] stays where somebody reads, counts what they missed, and goes there on request', async () => {
    const lines = [theirs('one')];
    const { show, user } = drawTalk(lines);
    const log = screen.getByRole('log');
    setScroll(log, { client: 100, scroll: 500 });
    scrolledTo(log, 200);
    expect(screen.getByRole('button', { name: 'To the newest message' })).toBeTruthy();
    show([...lines, theirs('two'), theirs('three')]);
    expect(log.scrollTop).toBe(200);
    await user.click(screen.getByRole('button', { name: '2 new messages' }));
    expect(log.scrollTop).toBe(500);
    expect(screen.queryByRole('button', { name: /new/ })).toBeNull();
  });

  it('[UI21] is brought back by an own line', () => {
    const lines = [theirs('one')];
    const { show } = drawTalk(lines);
    const log = screen.getByRole('log');
    setScroll(log, { client: 100, scroll: 500 });
    scrolledTo(log, 200);
    show([...lines, mine('two')]);
    expect(log.scrollTop).toBe(500);
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

/**
 * Where the list of a conversation stands, in a real browser over a fake model: at its end while
 * what is there grows, and inside of its page.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AppView, Line, TransferView } from '../src/app/model.ts';
import { aTransfer, mine, secure, signedIn, theirs, withBob } from '../src/features/test/views.ts';
import { assertNoComplaints } from './browser.ts';
import { eventually } from './eventually.ts';
import { drawnInBrowser } from './harness/drawn.ts';
import { dictionaries } from './words.ts';

const words = dictionaries.en;
const talkOf = (lines: readonly Line[], transfers: readonly TransferView[] = []): AppView =>
  signedIn(withBob({ ...secure(lines), transfers }));
const manyLines = () => Array.from({ length: 40 }, (_, n) => theirs(`line ${n + 1}`));
const LATER = Date.UTC(2026, 10, 21);

describe('the list of a conversation', () => {
  const drawn = drawnInBrowser();
  const { show } = drawn;
  /** A pixel may be lost where heights are not whole. */
  const isAtEnd = () =>
    drawn.page
      .getByRole('log')
      .evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight <= 1);

  it('[UI67] stays at its end when a file there goes on, and when a line there grows', async () => {
    const lines = manyLines();
    const file = aTransfer({ by: 'me', at: LATER });
    const stages = [
      { stage: { is: 'offered' } },
      { stage: { is: 'moving' }, bytes: 700_000, bytesPerSecond: 90_000 },
      { stage: { is: 'ended', why: 'cancelled', by: 'peer' } },
      { stage: { is: 'delivered' }, bytes: 1_400_000 },
    ] as const;
    for (const changes of stages) {
      const transfer = { ...file, ...changes } as TransferView;
      await show(talkOf(lines, [transfer]));
      await drawn.page.locator(`[data-stage="${transfer.stage.is}"]`).waitFor();
      await eventually(isAtEnd, true);
    }
    const last = mine('a short line');
    await show(talkOf([...lines, last]));
    await eventually(isAtEnd, true);
    const reacted = { ...last, reactions: [{ by: 'peer', emoji: '🎉' } as const] };
    await show(talkOf([...lines, reacted]));
    await drawn.page.getByText('🎉').waitFor();
    await eventually(isAtEnd, true);
    await show(talkOf([...lines, { ...reacted, text: 'a long line\n'.repeat(9), edited: true }]));
    await drawn.page.locator('[data-text]').getByText('a long line').waitFor();
    await eventually(isAtEnd, true);
    assertNoComplaints(drawn.watched);
  });

  it('[UI67] stays at its end when files there become lower, one after the other', async () => {
    const moving = { stage: { is: 'moving' }, bytes: 700_000, bytesPerSecond: 90_000 } as const;
    const checking = { stage: { is: 'checking' }, bytes: 1_400_000 } as const;
    const delivered = { stage: { is: 'delivered' }, bytes: 1_400_000 } as const;
    const name = 'a name that takes more than one row of a card.pdf';
    const files = [3, 5].map((id) => aTransfer({ by: 'me', at: LATER, id, name }));
    const steps = [
      [moving, moving],
      [checking, moving],
      [checking, checking],
      [delivered, checking],
      [delivered, delivered],
    ] as const;
    for (const count of [1, 2, 3, 40]) {
      const lines = manyLines().slice(-count);
      for (const step of steps) {
        const transfers = files.map((file, n) => ({ ...file, ...step[n] }) as TransferView);
        await show(talkOf(lines, transfers));
        await eventually(isAtEnd, true);
      }
      await show(talkOf([...lines, { ...theirs('one more'), at: LATER + 1 }], []));
      await eventually(isAtEnd, true);
      assert.equal(await drawn.page.getByRole('button', { name: words.lines.toEnd }).count(), 0);
    }
  });

  it('[UI67] takes nothing that grows for somebody who scrolls', async () => {
    const lines = manyLines();
    await show(talkOf(lines));
    await eventually(isAtEnd, true);
    // What shrinks at the end moves the list, which is told of in the next frame; by then it may
    // have grown again.
    await drawn.page.getByRole('log').evaluate((log) => {
      const last = log.querySelector<HTMLElement>('ol > :last-child');
      if (last === null) return;
      last.style.minHeight = '300px';
      log.scrollTop = log.scrollHeight;
      last.style.minHeight = '';
      log.scrollTop += log.scrollHeight;
      last.style.minHeight = '200px';
    });
    await eventually(isAtEnd, true);
    assert.equal(await drawn.page.getByRole('button', { name: words.lines.toEnd }).count(), 0);
    await show(talkOf([...lines, theirs('one more')]));
    await eventually(isAtEnd, true);
    await drawn.page.getByRole('log').hover();
    await drawn.page.mouse.wheel(0, -600);
    await drawn.page.getByRole('button', { name: words.lines.toEnd }).waitFor();
  });

  it('[UI68] scrolls, and the page does not', async () => {
    const transfers = Array.from({ length: 30 }, (_, n) =>
      aTransfer({ id: 3 + 2 * n, at: LATER + n, stage: { is: 'delivered' } }),
    );
    const lines = manyLines();
    await show(talkOf(lines, transfers));
    await drawn.page.getByRole('log').hover();
    for (const wheelPx of [0, -400, -1_500, -10_000]) {
      await drawn.page.mouse.wheel(0, wheelPx);
      await drawn.page.evaluate(() => new Promise((next) => requestAnimationFrame(next)));
      const beyondPx = await drawn.page.evaluate(() => {
        const { scrollHeight, clientHeight } = document.documentElement;
        return scrollHeight - clientHeight;
      });
      assert.equal(beyondPx, 0, `after ${wheelPx} px`);
    }
    assertNoComplaints(drawn.watched);
  });
});

/**
 * Where the list of a conversation stands, in a real browser over a fake model: at its end while
 * what is there grows, and inside of its page.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { AppView, Line, TransferView } from '../src/app/model.ts';
import { aTransfer, mine, secure, signedIn, theirs, withBob } from '../src/features/test/views.ts';
import { assertNoComplaints, launch, openPage, type Watched } from './browser.ts';
import { eventually } from './eventually.ts';
import { type Harness, serveHarness } from './harness/serve.ts';

const talkOf = (lines: readonly Line[], transfers: readonly TransferView[] = []): AppView =>
  signedIn(withBob({ ...secure(lines), transfers }));
const manyLines = () => Array.from({ length: 40 }, (_, n) => theirs(`line ${n + 1}`));
const LATER = Date.UTC(2026, 10, 21);

describe('the list of a conversation', () => {
  let browser: Browser;
  let harness: Harness;
  let watched: Watched;
  let page: Page;

  before(async () => {
    [browser, harness] = await Promise.all([launch(), serveHarness()]);
  });
  after(async () => {
    await browser.close();
    await harness.stop();
  });
  beforeEach(async () => {
    await page?.context().close();
    watched = await openPage(browser, { locale: 'en', viewport: { width: 1000, height: 700 } });
    page = watched.page;
    await page.goto(harness.url);
  });

  const show = (view: AppView) => page.evaluate((next) => window.harness.show(next), view);
  /** A pixel may be lost where heights are not whole. */
  const isAtEnd = () =>
    page
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
      await page.locator(`[data-stage="${transfer.stage.is}"]`).waitFor();
      await eventually(isAtEnd, true);
    }
    const last = mine('a short line');
    await show(talkOf([...lines, last]));
    await eventually(isAtEnd, true);
    const reacted = { ...last, reactions: [{ by: 'peer', emoji: '🎉' } as const] };
    await show(talkOf([...lines, reacted]));
    await page.getByText('🎉').waitFor();
    await eventually(isAtEnd, true);
    await show(talkOf([...lines, { ...reacted, text: 'a long line\n'.repeat(9), edited: true }]));
    await page.locator('[data-text]').getByText('a long line').waitFor();
    await eventually(isAtEnd, true);
    assertNoComplaints(watched);
  });

  it('[UI68] scrolls, and the page does not', async () => {
    const transfers = Array.from({ length: 30 }, (_, n) =>
      aTransfer({ id: 3 + 2 * n, at: LATER + n, stage: { is: 'delivered' } }),
    );
    const lines = manyLines();
    await show(talkOf(lines, transfers));
    await page.getByRole('log').hover();
    for (const wheelPx of [0, -400, -1_500, -10_000]) {
      await page.mouse.wheel(0, wheelPx);
      await page.evaluate(() => new Promise((next) => requestAnimationFrame(next)));
      const beyondPx = await page.evaluate(() => {
        const { scrollHeight, clientHeight } = document.documentElement;
        return scrollHeight - clientHeight;
      });
      assert.equal(beyondPx, 0, `after ${wheelPx} px`);
    }
    assertNoComplaints(watched);
  });
});

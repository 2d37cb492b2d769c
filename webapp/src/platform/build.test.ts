// @vitest-environment jsdom
/** Whether the server has another build than this page. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isOutdated, onPartMissing } from './build.ts';

const PAGE = '<script type="module" crossorigin src="/assets/index-AAAA.js"></script>';

function runs(page: string): void {
  document.head.innerHTML = page;
}
function serves(page: string, ok = true): void {
  vi.stubGlobal('fetch', async () => ({ ok, text: async () => page }));
}

afterEach(() => vi.unstubAllGlobals());

describe('the build of a page', () => {
  it('[UI116] is old when the page of the server begins with another script', async () => {
    runs(PAGE);
    serves(PAGE);
    expect(await isOutdated()).toBe(false);
    serves(PAGE.replace('AAAA', 'BBBB'));
    expect(await isOutdated()).toBe(true);
  });

  it('[UI116] is not called old where the server cannot tell', async () => {
    runs(PAGE);
    serves('', false);
    expect(await isOutdated()).toBe(false);
    vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('offline')));
    expect(await isOutdated()).toBe(false);
    runs('');
    serves(PAGE);
    expect(await isOutdated()).toBe(false);
  });

  it('[UI116] is asked about when a part does not load', () => {
    const heard = vi.fn();
    const stop = onPartMissing(heard);
    dispatchEvent(new Event('vite:preloadError'));
    stop();
    dispatchEvent(new Event('vite:preloadError'));
    expect(heard).toHaveBeenCalledOnce();
  });
});

// @vitest-environment jsdom
/** What stands before signing in: what it needs is there, and what comes after it is not. */
import { cleanup, render } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import type { ReactElement } from 'react';
import { I18nextProvider } from 'react-i18next';
import { beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { draw, inBrowser } from '../features/test/draw.tsx';
import { FakeModel } from '../features/test/fake-model.ts';
import { fakeNotices } from '../features/test/fake-notices.ts';
import { signedOut } from '../features/test/views.ts';
import { Broken } from '../features/threshold/Threshold.tsx';
import { learnEveryWord } from '../i18n/every-word.ts';
import { createDictionary, type Language } from '../i18n/language.ts';
import { browserKeyMarks } from '../platform/key-marks.ts';
import { App } from './App.tsx';
import type { AppView } from './model.ts';
import { signedInScreen } from './signed-in-later.ts';

inBrowser();

const views: readonly AppView[] = [
  { at: 'starting' },
  { at: 'unsupported', why: 'insecureContext' },
  { at: 'unsupported', why: 'missingCrypto' },
  { at: 'unreachable', fault: { code: 'TIMEOUT', traceId: 'abcd' } },
  signedOut({ fault: { code: 'INVALID_CREDENTIALS', traceId: 'abcd' } }),
  signedOut({ parted: 'deleted' }),
  signedOut({ parted: 'forgotten' }),
  signedOut({ busy: true }),
];

const appOf = (view: AppView) => <App model={new FakeModel(view)} notices={fakeNotices()} />;

const screens: readonly ReactElement[] = [
  ...views.map(appOf),
  <Broken key="broken" outdated={false} onReload={() => {}} />,
  <Broken key="outdated" outdated onReload={() => {}} />,
];

/** What is drawn, less the names that React gives; also of an account that is made. */
async function drawnIn(language: Language, words: 'doorstep' | 'all', part: ReactElement) {
  const dictionary = createDictionary(language);
  if (words === 'all') learnEveryWord(dictionary);
  const { container } = render(<I18nextProvider i18n={dictionary}>{part}</I18nextProvider>);
  const toRegister = container.querySelector<HTMLElement>('form + button');
  if (toRegister !== null) {
    const user = userEvent.setup();
    await user.click(toRegister);
    await user.type(container.querySelector('[type="password"]') ?? container, 'password1');
    await vi.waitFor(() => expect(container.querySelector('meter')?.value).toBe(1));
  }
  const drawn = container.innerHTML.replaceAll(/_r_\w+_/g, '');
  cleanup();
  return drawn + document.title;
}

describe('before anybody is signed in', () => {
  it.each(['en', 'ru'] as const)(
    '[UI40] there are words for all that is shown: %s',
    async (language) => {
      for (const part of screens) {
        const drawn = await drawnIn(language, 'all', part);
        expect(await drawnIn(language, 'doorstep', part)).toBe(drawn);
      }
    },
  );

  describe('what comes after it', () => {
    const drawApp = (view: AppView) =>
      draw((_: AppView, model) => <App model={model} notices={fakeNotices()} />, view);
    let load: MockInstance<() => Promise<void>>;
    beforeEach(() => {
      load = vi.spyOn(signedInScreen, 'load').mockResolvedValue();
    });

    it('[UI40] is loaded once somebody fills in the form', async () => {
      const { user } = drawApp(signedOut());
      expect(load).not.toHaveBeenCalled();
      await user.keyboard('a');
      expect(load).toHaveBeenCalled();
    });

    it('[UI40] is loaded while somebody is signing in', () => {
      drawApp(signedOut({ busy: true }));
      expect(load).toHaveBeenCalled();
    });

    it('[UI40] is loaded at the start where somebody had a key', async () => {
      drawApp({ at: 'starting' });
      expect(load).not.toHaveBeenCalled();
      cleanup();
      await browserKeyMarks.set('one' as Parameters<typeof browserKeyMarks.set>[0]);
      drawApp({ at: 'starting' });
      expect(load).toHaveBeenCalled();
    });
  });
});

/**
 * Puts the interface into the page: the one thing that `main.tsx` needs of it.
 */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { I18nextProvider } from 'react-i18next';
import { createDictionary, languageHere } from '../i18n/language.ts';
import { isOutdated } from '../platform/build.ts';
import { browserNotices } from '../platform/notices.ts';
import { applyTheme, themeHere } from '../ui/theme.ts';
import { App } from './App.tsx';
import { ErrorBoundary } from './ErrorBoundary.tsx';
import type { AppModel } from './model.ts';
import '../styles/main.css';

export function start(root: HTMLElement, model: AppModel): void {
  applyTheme(themeHere());
  createRoot(root).render(
    <StrictMode>
      <I18nextProvider i18n={createDictionary(languageHere())}>
        <ErrorBoundary
          onFail={() => model.leave()}
          onReload={() => window.location.reload()}
          askOutdated={isOutdated}
        >
          <App model={model} notices={browserNotices()} />
        </ErrorBoundary>
      </I18nextProvider>
    </StrictMode>,
  );
}

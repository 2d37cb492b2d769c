/**
 * Chooses the screen that the view asks for.
 */
import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { SignedOut } from '../features/account/SignedOut.tsx';
import { LanguageSwitch, ThemeSwitch } from '../features/preferences/Preferences.tsx';
import { Starting, Unreachable, Unsupported } from '../features/threshold/Threshold.tsx';
import type { AppModel, AppView } from './model.ts';
import { SignedIn } from './SignedIn.tsx';
import { useTitle } from './use-title.ts';
import { useView } from './use-view.ts';

export function App({ model }: { model: AppModel }) {
  const view = useView(model);
  const { i18n } = useTranslation();
  useTitle(view);
  useEffect(() => {
    document.documentElement.lang = i18n.language;
  }, [i18n.language]);

  if (view.at === 'signedIn') return <SignedIn view={view} model={model} />;
  return (
    <Doorstep at={view.at}>
      <BeforeSignIn view={view} model={model} />
    </Doorstep>
  );
}

type BeforeSignInProps = {
  readonly view: Exclude<AppView, { at: 'signedIn' }>;
  readonly model: AppModel;
};

function BeforeSignIn({ view, model }: BeforeSignInProps) {
  switch (view.at) {
    case 'starting':
      return <Starting />;
    case 'unsupported':
      return <Unsupported why={view.why} />;
    case 'unreachable':
      return <Unreachable fault={view.fault} onRestart={() => model.restart()} />;
    case 'signedOut':
      return <SignedOut view={view} model={model} />;
  }
}

function Doorstep({ at, children }: { at: AppView['at']; children: ReactNode }) {
  const main = useRef<HTMLElement>(null);

  // A screen that vanished takes the focus with it; the next one begins at its top.
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at on every change of screen.
  useEffect(() => {
    if (document.activeElement === document.body) main.current?.focus();
  }, [at]);

  return (
    <div className="flex min-h-dvh flex-col">
      <header className="flex justify-end gap-1 p-2">
        <ThemeSwitch />
        <LanguageSwitch />
      </header>
      <main ref={main} tabIndex={-1} className="flex flex-1">
        {children}
      </main>
    </div>
  );
}

/**
 * Chooses the screen that the view asks for.
 */
import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { SignedOut } from '../features/account/SignedOut.tsx';
import { LanguageSwitch, ThemeSwitch } from '../features/preferences/Preferences.tsx';
import { Starting, Unreachable, Unsupported } from '../features/threshold/Threshold.tsx';
import { abilitiesHere } from '../platform/abilities.ts';
import { hadKeyHere } from '../platform/key-marks.ts';
import type { Notices } from '../platform/notices.ts';
import { forgetChoices } from '../ui/kept.ts';
import { ShownLater } from './later.tsx';
import type { AppModel, AppView } from './model.ts';
import { signedInScreen } from './signed-in-later.ts';
import { useNotices } from './use-notices.ts';
import { useTitle } from './use-title.ts';
import { useUnread } from './use-unread.ts';
import { useView } from './use-view.ts';

type AppProps = { readonly model: AppModel; readonly notices: Notices };

export function App({ model, notices }: AppProps) {
  const view = useView(model);
  const { i18n } = useTranslation();
  const unread = useUnread(view);
  const isForgotten = view.at === 'signedOut' && view.parted === 'forgotten';
  useTitle(view, unread);
  useNotices(view, unread, notices);
  useEffect(() => {
    document.documentElement.lang = i18n.language;
    document.documentElement.dir = i18n.dir();
  }, [i18n, i18n.language]);
  useEffect(() => {
    if (isForgotten) forgetChoices();
  }, [isForgotten]);

  // Whoever begins to sign in, or was signed in here before, finds it here.
  const isComing = view.at === 'signedOut' ? view.busy : view.at === 'starting' && hadKeyHere();
  useEffect(() => {
    if (isComing) void signedInScreen.load();
  }, [isComing]);

  if (view.at === 'signedIn') {
    const meanwhile = (
      <Doorstep at="starting">
        <Starting />
      </Doorstep>
    );
    const props = { view, model, notices };
    return <ShownLater part={signedInScreen} props={props} meanwhile={meanwhile} />;
  }
  return (
    <Doorstep at={view.at} onBegin={() => void signedInScreen.load()}>
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
      return <Unsupported why={view.why} abilities={abilitiesHere()} />;
    case 'unreachable':
      return <Unreachable fault={view.fault} onRestart={() => model.restart()} />;
    case 'signedOut':
      return <SignedOut view={view} model={model} />;
  }
}

type DoorstepProps = {
  readonly at: AppView['at'];
  /** Something is filled in. */
  readonly onBegin?: () => void;
  readonly children: ReactNode;
};

function Doorstep({ at, onBegin, children }: DoorstepProps) {
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
      <main ref={main} tabIndex={-1} onInput={onBegin} className="flex flex-1">
        {children}
      </main>
    </div>
  );
}

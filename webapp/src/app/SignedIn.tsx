/**
 * The screen of somebody who is signed in: people on one side, the conversation on the other; a
 * phone shows one of them at a time.
 */
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { SignOut } from '../features/account/SignOut.tsx';
import { CodeReaderContext } from '../features/conversation/code-reader.ts';
import { type Drafts, DraftsContext } from '../features/conversation/drafts.ts';
import { NobodyYet } from '../features/conversation/NobodyYet.tsx';
import { IncomingRequests } from '../features/incoming/IncomingRequests.tsx';
import { KeyNotice } from '../features/key/KeyNotice.tsx';
import { OwnKey } from '../features/key/OwnKey.tsx';
import { LinkBanner } from '../features/link/LinkBanner.tsx';
import { BlockPerson } from '../features/people/BlockPerson.tsx';
import { PeopleSearch } from '../features/people/PeopleSearch.tsx';
import { LanguageSwitch } from '../features/preferences/Preferences.tsx';
import { learnEveryWord } from '../i18n/every-word.ts';
import { browserCodeReader } from '../platform/code-reader.ts';
import type { Notices } from '../platform/notices.ts';
import { Mark } from '../ui/Mark.tsx';
import type { AppModel, AppView } from './model.ts';
import { OpenConversation } from './OpenConversation.tsx';
import { Outdated } from './Outdated.tsx';
import { Settings } from './Settings.tsx';

type SignedInProps = {
  readonly view: Extract<AppView, { at: 'signedIn' }>;
  readonly model: AppModel;
  readonly notices: Notices;
};

export function SignedIn({ view, model, notices }: SignedInProps) {
  const { conversation } = view;
  const { i18n } = useTranslation();
  // Before anything below asks for a word that nobody needs to sign in.
  useState(() => learnEveryWord(i18n));
  const main = useRef<HTMLElement>(null);
  const isTalking = conversation !== null;
  // Gone with this screen, which is when somebody signs out.
  const [drafts] = useState<Drafts>(() => new Map());
  const isSearching = view.search.people.is !== 'idle';

  // Signing in and leaving a conversation both end at the start of this screen.
  useEffect(() => {
    if (!isTalking) main.current?.focus();
  }, [isTalking]);

  // Whoever was declined, blocked or cleared takes the button that was pressed along.
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at when somebody is gone.
  useEffect(() => {
    if (document.activeElement === document.body) main.current?.focus();
  }, [view.incoming.length, view.recent.length, view.blocked.length]);

  return (
    <div className="flex h-dvh flex-col">
      <Header view={view} model={model} notices={notices} />
      {/* biome-ignore lint/correctness/useHookAtTopLevel: it asks the model; it is no hook. */}
      <LinkBanner link={view.link} onUseHere={() => model.useHere()} />
      <IncomingRequests
        people={view.incoming}
        talkingTo={conversation?.phase.is === 'secure' ? conversation.peer : null}
        model={model}
        more={(person) => <BlockPerson person={person} onBlock={model.block} />}
      />
      <main
        ref={main}
        tabIndex={-1}
        className={`flex min-h-0 flex-1 flex-col md:flex-row ${isTalking ? '' : 'overflow-y-auto'}`}
      >
        <div
          className={`min-w-0 shrink-0 flex-col md:flex md:w-80 md:overflow-y-auto md:border-e md:border-rule ${isTalking ? 'hidden' : 'flex'}`}
        >
          <KeyNotice
            keyState={view.key}
            publishing={view.publishing}
            keyWork={view.keyWork}
            model={model}
          />
          <PeopleSearch view={view} model={model} />
        </div>
        {isTalking ? (
          <CodeReaderContext value={browserCodeReader}>
            <DraftsContext value={drafts}>
              <OpenConversation
                me={view.me}
                keyState={view.key}
                conversation={conversation}
                model={model}
              />
            </DraftsContext>
          </CodeReaderContext>
        ) : (
          <NobodyYet me={view.me} className={isSearching ? 'hidden md:flex' : 'flex'} />
        )}
      </main>
      <Outdated view={view} onReload={() => window.location.reload()} />
    </div>
  );
}

function Header({ view, model, notices }: SignedInProps) {
  const { t } = useTranslation();
  return (
    <header className="flex items-center gap-1 border-b border-rule px-3 py-2 sm:px-4">
      <h1 className="me-auto flex min-w-0 items-center gap-3">
        <Mark />
        <span className="truncate font-display text-xl max-sm:sr-only">{t('app.title')}</span>
      </h1>
      <OwnKey
        me={view.me}
        keyState={view.key}
        keyWork={view.keyWork}
        byLibrary={view.byLibrary}
        model={model}
      />
      <LanguageSwitch />
      <Settings view={view} model={model} notices={notices} />
      <SignOut conversation={view.conversation} onSignOut={() => model.signOut()} />
    </header>
  );
}

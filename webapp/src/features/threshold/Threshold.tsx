/**
 * What is seen where nothing else can be: the page is opening, the browser cannot do it, the
 * server does not answer, or the page itself has failed.
 */
import type { i18n } from 'i18next';
import { type ReactNode, useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import type { Abilities, AppView } from '../../app/model.ts';
import { faultTrace, faultWords } from '../../i18n/fault-words.ts';
import { Button } from '../../ui/Button.tsx';
import { Mark } from '../../ui/Mark.tsx';
import { Spinner } from '../../ui/Spinner.tsx';
import { useLoaded } from '../../ui/use-loaded.ts';

type At<K extends AppView['at']> = Extract<AppView, { at: K }>;

export function Starting() {
  const { t } = useTranslation();
  return (
    <Sill>
      <h1 className="sr-only">{t('app.title')}</h1>
      <p role="status" className="flex items-center gap-3 text-muted">
        <Spinner />
        {t('threshold.starting')}
      </p>
    </Sill>
  );
}

type UnsupportedProps = Pick<At<'unsupported'>, 'why'> & { readonly abilities: Abilities };

export function Unsupported({ why, abilities }: UnsupportedProps) {
  const { t } = useTranslation();
  return (
    <Sill>
      <h1 className="font-display text-3xl">{t('threshold.unsupported')}</h1>
      <p className="max-w-prose text-muted">{t(`threshold.${why}`)}</p>
      <Support abilities={abilities} />
    </Sill>
  );
}

/** With its words, which few browsers have a use for. */
async function supportIn(dictionary: i18n) {
  const [{ BrowserSupport }, { learnEveryWord }] = await Promise.all([
    import('./BrowserSupport.tsx'),
    import('../../i18n/every-word.ts'),
  ]);
  learnEveryWord(dictionary);
  return BrowserSupport;
}

/** What else there is to say to it; nothing where that does not load. */
function Support({ abilities }: Pick<UnsupportedProps, 'abilities'>) {
  const { t, i18n } = useTranslation();
  const loaded = useLoaded(useCallback(() => supportIn(i18n), [i18n]));
  if (loaded.is !== 'here') return loaded.is === 'loading' ? <section hidden aria-busy /> : null;
  const BrowserSupport = loaded.value;
  return (
    <section className="w-full max-w-prose rounded-2xl border border-rule bg-card p-5">
      <h2 className="mb-3 font-medium">{t('support.title')}</h2>
      <BrowserSupport abilities={abilities} />
    </section>
  );
}

type UnreachableProps = Pick<At<'unreachable'>, 'fault'> & { readonly onRestart: () => void };

export function Unreachable({ fault, onRestart }: UnreachableProps) {
  const { t } = useTranslation();
  const trace = faultTrace(t, fault);
  return (
    <Sill>
      <div role="alert" className="flex flex-col items-center gap-3">
        <h1 className="font-display text-3xl">{t('threshold.unreachable')}</h1>
        <p className="max-w-prose text-muted">{faultWords(t, fault)}</p>
        {trace !== null && <p className="text-xs wrap-anywhere text-muted">{trace}</p>}
      </div>
      <Button tone="primary" onClick={onRestart}>
        {t('threshold.tryAgain')}
      </Button>
    </Sill>
  );
}

type BrokenProps = { readonly outdated: boolean; readonly onReload: () => void };

/**
 * A fault of our own, or a part of the page that the server has no more. What was said is gone with
 * the page, and nothing of the fault is shown.
 */
export function Broken({ outdated, onReload }: BrokenProps) {
  const { t } = useTranslation();
  return (
    <Sill>
      <div role="alert" className="flex flex-col items-center gap-3">
        <h1 className="font-display text-3xl">
          {t(outdated ? 'outdated.title' : 'threshold.broken')}
        </h1>
        <p className="max-w-prose text-muted">
          {t(outdated ? 'outdated.gone' : 'threshold.brokenMeans')}
        </p>
      </div>
      <Button tone="primary" onClick={onReload}>
        {t(outdated ? 'outdated.load' : 'threshold.reload')}
      </Button>
    </Sill>
  );
}

function Sill({ children }: { children: ReactNode }) {
  return (
    <div className="m-auto flex flex-col items-center gap-6 p-6 text-center">
      <Mark className="size-14" />
      {children}
    </div>
  );
}

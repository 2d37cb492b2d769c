/**
 * What is seen where nothing else can be: the page is opening, the browser cannot do it, the
 * server does not answer, or the page itself has failed.
 */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppView } from '../../app/model.ts';
import { faultTrace, faultWords } from '../../i18n/fault-words.ts';
import { Button } from '../../ui/Button.tsx';
import { Mark } from '../../ui/Mark.tsx';
import { Spinner } from '../../ui/Spinner.tsx';

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

export function Unsupported({ why }: Pick<At<'unsupported'>, 'why'>) {
  const { t } = useTranslation();
  return (
    <Sill>
      <h1 className="font-display text-3xl">{t('threshold.unsupported')}</h1>
      <p className="max-w-prose text-muted">{t(`threshold.${why}`)}</p>
    </Sill>
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

/** A fault of our own. What was said is gone with the page, and nothing of the fault is shown. */
export function Broken({ onReload }: { readonly onReload: () => void }) {
  const { t } = useTranslation();
  return (
    <Sill>
      <div role="alert" className="flex flex-col items-center gap-3">
        <h1 className="font-display text-3xl">{t('threshold.broken')}</h1>
        <p className="max-w-prose text-muted">{t('threshold.brokenMeans')}</p>
      </div>
      <Button tone="primary" onClick={onReload}>
        {t('threshold.reload')}
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

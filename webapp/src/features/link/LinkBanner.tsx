/**
 * The state of the connection to the server, as long as it is not simply there.
 */
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LinkView } from '../../app/model.ts';
import { Button } from '../../ui/Button.tsx';
import { Spinner } from '../../ui/Spinner.tsx';

type LinkBannerProps = { readonly link: LinkView; readonly onUseHere: () => void };

export function LinkBanner({ link, onUseHere }: LinkBannerProps) {
  const { t } = useTranslation();
  return (
    <div role="status">
      {link.is === 'connecting' && (
        <Bar>
          <Spinner />
          {t('link.connecting')}
        </Bar>
      )}
      {link.is === 'reconnecting' && (
        <Bar>
          <Spinner />
          {t('link.reconnecting')}
          <Countdown key={link.nextTryInMs} fromMs={link.nextTryInMs} />
        </Bar>
      )}
      {link.is === 'superseded' && (
        <Bar>
          <strong className="font-medium">{t('link.superseded')}</strong>
          <Button tone="primary" onClick={onUseHere}>
            {t('link.useHere')}
          </Button>
        </Bar>
      )}
    </div>
  );
}

function Bar({ children }: { children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center justify-center gap-x-3 gap-y-2 border-b border-rule bg-warn-soft px-4 py-2 text-center">
      {children}
    </div>
  );
}

/** Counts down for the eye only: read aloud each second it would drown everything else. */
function Countdown({ fromMs }: { fromMs: number }) {
  const { t } = useTranslation();
  const [seconds, setSeconds] = useState(Math.ceil(fromMs / 1_000));
  useEffect(() => {
    const timer = setInterval(() => setSeconds((left) => Math.max(0, left - 1)), 1_000);
    return () => clearInterval(timer);
  }, []);
  if (seconds === 0) return null;
  return (
    <span aria-hidden="true" className="text-muted tabular-nums">
      {t('link.nextTry', { count: seconds })}
    </span>
  );
}

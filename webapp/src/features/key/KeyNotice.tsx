/**
 * What to do when this browser does not hold the account's key: publish one, or understand where
 * it is and what replacing it means.
 */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppModel, AppView } from '../../app/model.ts';
import { faultTrace, faultWords } from '../../i18n/fault-words.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { FaultNotice } from '../../ui/FaultNotice.tsx';
import { Notice } from '../../ui/Notice.tsx';

type SignedIn = Extract<AppView, { at: 'signedIn' }>;

type KeyNoticeProps = {
  readonly keyState: SignedIn['key'];
  readonly publishing: SignedIn['publishing'];
  readonly model: Pick<AppModel, 'publishKey' | 'signOut'>;
};

export function KeyNotice({ keyState, publishing, model }: KeyNoticeProps) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  if (keyState.is === 'ready') return null;

  const isMissing = keyState.is === 'missing';
  const busy = publishing.is === 'asking';
  return (
    <div className="flex flex-col gap-2 border-b border-rule p-3">
      <Notice tone="warn" role="status">
        <h2 className="font-medium">{t(isMissing ? 'key.missingTitle' : 'key.elsewhereTitle')}</h2>
        <p className="mt-1 max-w-prose text-sm">{t(isMissing ? 'key.missing' : 'key.elsewhere')}</p>
        <Button
          tone={isMissing ? 'primary' : 'quiet'}
          busy={busy}
          className="mt-3"
          onClick={() => (isMissing ? model.publishKey() : setAsking(true))}
        >
          {t(busy ? 'key.publishing' : isMissing ? 'key.publish' : 'key.replace')}
        </Button>
      </Notice>
      {publishing.is === 'failed' && (
        <FaultNotice
          words={faultWords(t, publishing.fault)}
          trace={faultTrace(t, publishing.fault)}
        />
      )}
      {publishing.is === 'failed' && publishing.fault.code === 'REAUTHENTICATION_REQUIRED' && (
        <Button className="self-start" onClick={() => model.signOut()}>
          {t('key.signInAgain')}
        </Button>
      )}
      {asking && (
        <Dialog
          title={t('key.replaceTitle')}
          closeLabel={t('key.keep')}
          onClose={() => setAsking(false)}
          actions={
            <>
              <Button onClick={() => setAsking(false)}>{t('key.keep')}</Button>
              <Button
                tone="danger"
                onClick={() => {
                  setAsking(false);
                  model.publishKey();
                }}
              >
                {t('key.replace')}
              </Button>
            </>
          }
        >
          <p>{t('key.replaceWarning')}</p>
        </Dialog>
      )}
    </div>
  );
}

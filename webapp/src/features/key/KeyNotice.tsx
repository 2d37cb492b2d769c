/**
 * What to do when this browser cannot use the account's key: make one, open it, bring it from a
 * file, or understand where it is and what replacing it means.
 */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppModel, AppView } from '../../app/model.ts';
import { faultTrace, faultWords } from '../../i18n/fault-words.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { FaultNotice } from '../../ui/FaultNotice.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { FileForm } from './FileForm.tsx';
import { KeyWorkNotice } from './KeyWorkNotice.tsx';
import { PasswordForm } from './PasswordForm.tsx';

type SignedIn = Extract<AppView, { at: 'signedIn' }>;

type KeyNoticeProps = {
  readonly keyState: SignedIn['key'];
  readonly publishing: SignedIn['publishing'];
  readonly keyWork: SignedIn['keyWork'];
  readonly model: Pick<AppModel, 'publishKey' | 'unlock' | 'importIdentity' | 'signOut'>;
};

export function KeyNotice({ keyState, publishing, keyWork, model }: KeyNoticeProps) {
  const { t } = useTranslation();
  if (keyState.is === 'ready') return null;
  const isWorking = keyWork.is === 'busy';
  const isPublishing = publishing.is === 'asking';
  return (
    <div className="flex flex-col gap-2 border-b border-rule p-3">
      <Notice tone="warn" role="status">
        <h2 className="font-medium">{t(`key.${keyState.is}Title`)}</h2>
        <p className="mt-1 max-w-prose text-sm">{t(`key.${keyState.is}`)}</p>
      </Notice>
      {keyState.is === 'missing' && (
        <PasswordForm
          submit={t(isPublishing ? 'key.publishing' : 'key.publish')}
          busy={isPublishing}
          onSubmit={model.publishKey}
        />
      )}
      {keyState.is === 'locked' && (
        <PasswordForm
          submit={t(isWorking ? 'keyWork.unlocking' : 'keyWork.unlock')}
          busy={isWorking}
          onSubmit={model.unlock}
        />
      )}
      {(keyState.is === 'elsewhere' || keyState.is === 'lost') && (
        <FileForm
          label={t('keyWork.keyFile')}
          submit={t(isWorking ? 'keyWork.importing' : 'keyWork.importKey')}
          busy={isWorking}
          onFile={model.importIdentity}
        />
      )}
      <KeyWorkNotice work={keyWork} about={['unlock', 'importIdentity']} />
      {keyState.is !== 'missing' && <Replace busy={isPublishing} onReplace={model.publishKey} />}
      <PublishingFault publishing={publishing} onSignOut={model.signOut} />
    </div>
  );
}

type PublishingFaultProps = {
  readonly publishing: SignedIn['publishing'];
  readonly onSignOut: () => void;
};

function PublishingFault({ publishing, onSignOut }: PublishingFaultProps) {
  const { t } = useTranslation();
  if (publishing.is !== 'failed') return null;
  const { fault } = publishing;
  return (
    <>
      <FaultNotice words={faultWords(t, fault)} trace={faultTrace(t, fault)} />
      {fault.code === 'REAUTHENTICATION_REQUIRED' && (
        <Button className="self-start" onClick={onSignOut}>
          {t('key.signInAgain')}
        </Button>
      )}
    </>
  );
}

type ReplaceProps = { readonly busy: boolean; readonly onReplace: (password: string) => void };

/** Replaces the key only after a question, and with the password. */
function Replace({ busy, onReplace }: ReplaceProps) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button busy={busy} className="self-start" onClick={() => setAsking(true)}>
        {t(busy ? 'key.publishing' : 'key.replace')}
      </Button>
      {asking && (
        <Dialog
          title={t('key.replaceTitle')}
          closeLabel={t('key.keep')}
          onClose={() => setAsking(false)}
          actions={<Button onClick={() => setAsking(false)}>{t('key.keep')}</Button>}
        >
          <p>{t('key.replaceWarning')}</p>
          <PasswordForm
            submit={t('key.replace')}
            busy={busy}
            tone="danger"
            onSubmit={(password) => {
              setAsking(false);
              onReplace(password);
            }}
          />
        </Dialog>
      )}
    </>
  );
}

/**
 * The own name in the header, and behind it the own fingerprint and what can be carried to another
 * browser.
 */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppModel, KeyState, KeyWork, Person, PrimitiveName } from '../../app/model.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { HexGroups } from '../../ui/HexGroups.tsx';
import { FileForm } from './FileForm.tsx';
import { KeyWorkNotice } from './KeyWorkNotice.tsx';
import { PasswordForm } from './PasswordForm.tsx';

type CarryModel = Pick<AppModel, 'exportIdentity' | 'exportPeers' | 'importPeers' | 'putAway'>;

type OwnKeyProps = {
  readonly me: Person;
  readonly keyState: KeyState;
  readonly keyWork: KeyWork;
  readonly byLibrary: readonly PrimitiveName[];
  readonly model: CarryModel;
};

export function OwnKey({ me, keyState, keyWork, byLibrary, model }: OwnKeyProps) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  return (
    <>
      <button
        type="button"
        aria-label={t('key.ownOf', { name: me.name })}
        aria-haspopup="dialog"
        onClick={() => setShown(true)}
        className="flex min-h-11 min-w-0 cursor-pointer items-center gap-2 rounded-full p-1 transition-colors hover:bg-sunken sm:pe-4"
      >
        <Avatar of={me} className="size-9 text-base" />
        <span className="hidden max-w-48 truncate font-medium sm:block">{me.name}</span>
      </button>
      {shown && (
        <Dialog
          title={t('key.own')}
          closeLabel={t('conversation.close')}
          onClose={() => {
            setShown(false);
            model.putAway();
          }}
        >
          {keyState.is === 'ready' ? (
            <ReadyKey keyState={keyState} keyWork={keyWork} model={model} />
          ) : (
            <p>{t(`key.${keyState.is}`)}</p>
          )}
          <p className="text-sm text-muted">
            {byLibrary.length === 0
              ? t('key.computedByBrowser')
              : t('key.computedByLibrary', {
                  names: byLibrary.map((name) => t(`primitives.${name}`)).join(', '),
                })}
          </p>
        </Dialog>
      )}
    </>
  );
}

type ReadyKeyProps = {
  readonly keyState: Extract<KeyState, { is: 'ready' }>;
  readonly keyWork: KeyWork;
  readonly model: CarryModel;
};

function ReadyKey({ keyState, keyWork, model }: ReadyKeyProps) {
  const { t } = useTranslation();
  const busy = keyWork.is === 'busy';
  return (
    <>
      <p className="text-muted">{t('key.ownExplained')}</p>
      <HexGroups heading={t('key.yourFingerprint')} value={keyState.fingerprint} />
      <p className="text-sm text-muted">{t('key.computedHere')}</p>
      <details>
        <summary className="cursor-pointer font-medium">{t('keyWork.carry')}</summary>
        <p className="mt-2 text-sm text-muted">
          {t(keyState.exportable ? 'keyWork.exportKeyMeans' : 'keyWork.noCopyMeans')}
        </p>
        {keyState.exportable && (
          <PasswordForm
            submit={t('keyWork.exportKey')}
            busy={busy}
            tone="quiet"
            onSubmit={model.exportIdentity}
          />
        )}
        <p className="mt-4 text-sm text-muted">{t('keyWork.peersMean')}</p>
        <PasswordForm
          submit={t('keyWork.exportPeers')}
          busy={busy}
          tone="quiet"
          onSubmit={model.exportPeers}
        />
        <FileForm
          label={t('keyWork.peersFile')}
          submit={t('keyWork.importPeers')}
          busy={busy}
          onFile={model.importPeers}
        />
      </details>
      <KeyWorkNotice work={keyWork} about={['exportIdentity', 'exportPeers', 'importPeers']} />
    </>
  );
}

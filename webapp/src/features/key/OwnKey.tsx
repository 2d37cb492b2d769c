/**
 * The own name in the header, and behind it the own fingerprint.
 */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { KeyState, Person } from '../../app/model.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { HexGroups } from '../../ui/HexGroups.tsx';

type OwnKeyProps = { readonly me: Person; readonly keyState: KeyState };

export function OwnKey({ me, keyState }: OwnKeyProps) {
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
      {shown && <OwnKeyDialog keyState={keyState} onClose={() => setShown(false)} />}
    </>
  );
}

function OwnKeyDialog({ keyState, onClose }: { keyState: KeyState; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog title={t('key.own')} closeLabel={t('conversation.close')} onClose={onClose}>
      {keyState.is === 'ready' ? (
        <>
          <p className="text-muted">{t('key.ownExplained')}</p>
          <HexGroups heading={t('key.yourFingerprint')} value={keyState.fingerprint} />
          <p className="text-sm text-muted">{t('key.computedHere')}</p>
        </>
      ) : (
        <p>{t(keyState.is === 'missing' ? 'key.missing' : 'key.elsewhere')}</p>
      )}
    </Dialog>
  );
}

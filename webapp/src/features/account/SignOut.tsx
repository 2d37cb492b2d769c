/**
 * Signing out; asked about first when it would wipe what two people said.
 */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ConversationView } from '../../app/model.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Icon } from '../../ui/Icon.tsx';

type SignOutProps = {
  readonly conversation: ConversationView | null;
  readonly onSignOut: () => void;
};

export function SignOut({ conversation, onSignOut }: SignOutProps) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const phase = conversation?.phase;
  const hasLines = phase?.is === 'secure' && phase.lines.length + phase.transfers.length > 0;
  return (
    <>
      <IconButton
        label={t('account.signOut')}
        onClick={() => (hasLines ? setAsking(true) : onSignOut())}
      >
        <Icon name="leave" />
      </IconButton>
      {asking && conversation !== null && (
        <Dialog
          title={t('account.signOutTitle')}
          closeLabel={t('account.stay')}
          onClose={() => setAsking(false)}
          actions={
            <>
              <Button onClick={() => setAsking(false)}>{t('account.stay')}</Button>
              <Button tone="danger" onClick={onSignOut}>
                {t('account.signOut')}
              </Button>
            </>
          }
        >
          <p>{t('account.signOutWarning', { name: conversation.peer.name })}</p>
        </Dialog>
      )}
    </>
  );
}

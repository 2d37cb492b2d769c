/**
 * Says that the server has a newer version than this page, once a part of this one could not be
 * loaded; says before that loading it ends a conversation.
 */
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isOutdated, onPartMissing } from '../platform/build.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import type { AppView } from './model.ts';

type OutdatedProps = { readonly view: AppView; readonly onReload: () => void };

export function Outdated({ view, onReload }: OutdatedProps) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);

  useEffect(
    () =>
      onPartMissing(async () => {
        if (await isOutdated()) setShown(true);
      }),
    [],
  );

  if (!shown) return null;
  const peer = view.at === 'signedIn' ? view.conversation?.peer : undefined;
  const close = () => setShown(false);
  return (
    <Dialog
      title={t('outdated.title')}
      closeLabel={t('outdated.later')}
      onClose={close}
      actions={
        <>
          <Button onClick={close}>{t('outdated.later')}</Button>
          <Button tone="primary" onClick={onReload}>
            {t('outdated.load')}
          </Button>
        </>
      }
    >
      <p>{t('outdated.means')}</p>
      {peer !== undefined && (
        <p className="font-medium text-warn">{t('outdated.ends', { name: peer.name })}</p>
      )}
    </Dialog>
  );
}

/**
 * Asks whether a line vanishes here, or for both: neither can be undone.
 */
import { useTranslation } from 'react-i18next';
import type { Line, Person } from '../../app/model.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';

type DeleteLineProps = {
  readonly line: Line;
  readonly peer: Person;
  readonly onHide: () => void;
  readonly onDelete: () => void;
  readonly onClose: () => void;
};

export function DeleteLine({ line, peer, onHide, onDelete, onClose }: DeleteLineProps) {
  const { t } = useTranslation();
  const isForBoth = line.by === 'me' && !line.deleted;
  return (
    <Dialog
      title={t('deleteLine.title')}
      closeLabel={t('deleteLine.keep')}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('deleteLine.keep')}</Button>
          <Button tone={isForBoth ? 'quiet' : 'danger'} onClick={onHide}>
            {t('deleteLine.forMe')}
          </Button>
          {isForBoth && (
            <Button tone="danger" onClick={onDelete}>
              {t('deleteLine.forBoth')}
            </Button>
          )}
        </>
      }
    >
      <p>{t('deleteLine.forMeMeans', { name: peer.name })}</p>
      {isForBoth && <p>{t('deleteLine.forBothMeans')}</p>}
    </Dialog>
  );
}

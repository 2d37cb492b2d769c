/** What stands in place of the viewer when it does not load: the server is away, or has a new version. */
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../ui/Dialog.tsx';
import type { ViewerProps } from './Viewer.tsx';

export function NoViewer({ transfer, onClose }: ViewerProps) {
  const { t } = useTranslation();
  return (
    <Dialog title={transfer.name} closeLabel={t('files.closeView')} onClose={onClose}>
      <p>{t('files.noViewer')}</p>
    </Dialog>
  );
}

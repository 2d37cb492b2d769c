/**
 * What came of unlocking, exporting and importing.
 */
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { KeyTask, KeyWork } from '../../app/model.ts';
import { Notice } from '../../ui/Notice.tsx';

type KeyWorkNoticeProps = {
  readonly work: KeyWork;
  /** What this place of the screen is about; other work is told elsewhere. */
  readonly about: readonly KeyTask[];
};

export function KeyWorkNotice({ work, about }: KeyWorkNoticeProps) {
  const { t } = useTranslation();
  if (work.is === 'idle' || work.is === 'busy' || !about.includes(work.what)) return null;
  if (work.is === 'failed') {
    return (
      <Notice tone="danger" role="alert">
        {t(`keyWork.why.${work.why}`)}
      </Notice>
    );
  }
  switch (work.what) {
    case 'unlock':
    case 'importIdentity':
      return null;
    case 'exportIdentity':
    case 'exportPeers':
      return <SaveFile file={work.file} name={NAMES[work.what]} />;
    case 'importPeers': {
      const { added, raised, same, conflicts } = work.report;
      return (
        <Notice tone={conflicts.length > 0 ? 'warn' : 'calm'} role="status">
          <p>{t('keyWork.peersTaken', { taken: added + raised, same })}</p>
          {conflicts.length > 0 && <p>{t('keyWork.conflicts', { count: conflicts.length })}</p>}
        </Notice>
      );
    }
  }
}

const NAMES = { exportIdentity: 'identity.dhchat', exportPeers: 'peers.dhchat' } as const;

/** A sealed file is saved by a press; its address is gone with the notice. */
function SaveFile({ file, name }: { file: Uint8Array<ArrayBuffer>; name: string }) {
  const { t } = useTranslation();
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([file], { type: 'application/octet-stream' }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return (
    <Notice tone="calm" role="status">
      <p>{t('keyWork.fileReady')}</p>
      {address !== null && (
        <a href={address} download={name} className="font-medium underline underline-offset-4">
          {t('keyWork.save', { name })}
        </a>
      )}
    </Notice>
  );
}

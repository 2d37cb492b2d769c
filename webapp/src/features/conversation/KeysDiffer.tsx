/**
 * The alarm after a scan that showed other keys: it stays above everything that is said until a
 * code agrees or the conversation is over.
 */
import { useTranslation } from 'react-i18next';
import type { Person, Scan } from '../../app/model.ts';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';

type KeysDifferProps = {
  readonly peer: Person;
  readonly scan: Extract<Scan, { is: 'differs' }>;
  readonly onLeave: () => void;
};

export function KeysDiffer({ peer, scan, onLeave }: KeysDifferProps) {
  const { t } = useTranslation();
  const { name } = peer;
  return (
    <div
      role="alert"
      data-alarm
      className="flex flex-wrap items-start gap-x-4 gap-y-3 bg-danger px-4 py-3 text-on-danger"
    >
      <Icon name="alert" className="mt-0.5 size-6" />
      <div className="min-w-0 flex-1 basis-64">
        <p className="font-medium">{t('scan.differs')}</p>
        <p>{t(`scan.differsAbout.${whose(scan.about)}`, { name })}</p>
      </div>
      <Button onClick={onLeave}>{t('scan.end')}</Button>
    </div>
  );
}

function whose(about: Extract<Scan, { is: 'differs' }>['about']): 'me' | 'peer' | 'both' {
  if (about.length > 1) return 'both';
  return about[0] ?? 'both';
}

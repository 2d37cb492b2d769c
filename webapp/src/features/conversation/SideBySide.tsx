/**
 * The code with both fingerprints for the other person's camera, and the way to read theirs. The
 * same code stands on both screens, so one scan checks both keys.
 */
import { useTranslation } from 'react-i18next';
import type { Comparison, Person } from '../../app/model.ts';
import { Disclosure } from '../../ui/Disclosure.tsx';
import { QrCode } from '../../ui/QrCode.tsx';
import { Scanner } from './Scanner.tsx';

type SideBySideProps = {
  readonly peer: Person;
  readonly comparison: Comparison;
  readonly onScanned: (text: string) => void;
};

export function SideBySide({ peer, comparison, onScanned }: SideBySideProps) {
  const { t } = useTranslation();
  const { name } = peer;
  return (
    <Disclosure title={t('scan.title')}>
      <p className="text-sm text-muted">{t('scan.means', { name })}</p>
      <div className="flex justify-center">
        <QrCode
          text={comparison.qrText}
          label={t('scan.code', { name })}
          failed={t('scan.failed.notLoaded')}
        />
      </div>
      <Scanner peer={peer} scan={comparison.scan} onText={onScanned} />
    </Disclosure>
  );
}

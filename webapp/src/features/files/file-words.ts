/** Sizes, speeds and the end of a transfer in words. */
import type { TFunction } from 'i18next';
import type { TransferView } from '../../app/model.ts';

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** Decimal, as systems count: 1 MB is a million bytes. */
export function sizeWords(language: string, bytes: number): string {
  const power = bytes < 1_000 ? 0 : Math.floor(Math.log10(bytes) / 3);
  const step = Math.min(power, UNITS.length - 1);
  const format = new Intl.NumberFormat(language, {
    style: 'unit',
    unit: UNITS[step] ?? 'byte',
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumFractionDigits: step === 0 ? 0 : 1,
  });
  return format.format(bytes / 1_000 ** step);
}

type Ended = Extract<TransferView['stage'], { is: 'ended' }>;

/** Why it is over without the file, as whoever looks at it sees it. */
export function endedWords(t: TFunction, transfer: TransferView, ended: Ended, name: string) {
  const { why, by } = ended;
  switch (why) {
    case 'cancelled':
    case 'declined':
      return t(`files.ended.${why}.${by}`, { name });
    case 'failed':
      return t(`files.ended.failed.${by === transfer.by ? 'toRead' : 'toKeep'}.${by}`, { name });
    default:
      return t(`files.ended.${why}`, { name });
  }
}

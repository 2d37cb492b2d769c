/** Sizes, speeds and the end of a transfer in words. */
import type { TFunction } from 'i18next';
import type { TransferView } from '../../app/model.ts';

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** Decimal, as systems count: 1 MB is a million bytes. */
export function sizeWords(language: string, bytes: number): string {
  const power = bytes < 1_000 ? 0 : Math.floor(Math.log10(bytes) / 3);
  const step = Math.min(power, UNITS.length - 1);
  return formatOf(language, UNITS[step] ?? 'byte').format(bytes / 1_000 ** step);
}

/** A format takes long to make and none to use: a file that moves is drawn several times a second. */
const formats = new Map<string, Intl.NumberFormat>();

function formatOf(language: string, unit: string): Intl.NumberFormat {
  const key = `${language} ${unit}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const unitDisplay = unit === 'byte' ? 'long' : 'short';
  const maximumFractionDigits = unit.endsWith('byte') && unit !== 'byte' ? 1 : 0;
  const made = { style: 'unit', unit, unitDisplay, maximumFractionDigits } as const;
  const format = new Intl.NumberFormat(language, made);
  formats.set(key, format);
  return format;
}

type Moving = Pick<TransferView, 'bytes' | 'size' | 'bytesPerSecond'>;

/** How fast it goes, and how long it will take at this speed; nothing before that is known. */
export function paceWords(t: TFunction, language: string, moving: Moving): string {
  const { bytes, size, bytesPerSecond } = moving;
  if (bytesPerSecond <= 0) return '';
  const speed = t('files.speed', { size: sizeWords(language, bytesPerSecond) });
  const time = timeWords(language, (size - bytes) / bytesPerSecond);
  return ` · ${speed} · ${t('files.left', { time })}`;
}

/** In seconds up to two minutes, in minutes up to two hours, in hours from there on. */
function timeWords(language: string, seconds: number): string {
  const [count, unit] =
    seconds < 120
      ? [Math.max(1, Math.ceil(seconds)), 'second']
      : seconds < 7_200
        ? [Math.ceil(seconds / 60), 'minute']
        : [Math.ceil(seconds / 3_600), 'hour'];
  return formatOf(language, unit).format(count);
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

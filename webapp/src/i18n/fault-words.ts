/**
 * Says in words what went wrong. A code without words is shown as it is, so that nothing is
 * swallowed when a server is newer than this page.
 */
import type { TFunction } from 'i18next';
import type { Fault } from '../app/model.ts';
import { doorstep } from './doorstep.ts';

const known = doorstep.en.fault.code;

type KnownCode = keyof typeof known;

function isKnown(code: string): code is KnownCode {
  return Object.hasOwn(known, code);
}

export function faultWords(t: TFunction, fault: Fault): string {
  return isKnown(fault.code)
    ? t(`fault.code.${fault.code}`)
    : t('fault.unknown', { code: fault.code });
}

/** What to name when asking for help; null if the server never answered. */
export function faultTrace(t: TFunction, fault: Fault): string | null {
  return fault.traceId === null ? null : t('fault.trace', { traceId: fault.traceId });
}

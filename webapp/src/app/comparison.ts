/** What two people may compare, as the screens show it. */
import { FINGERPRINT_PICTURES_SHOWN, fingerprintPictures } from '../core/trust/pictures.ts';
import { type Fingerprinted, pairingOf, qrText } from '../core/trust/qr-code.ts';
import { shortCodeOf } from '../core/trust/short-code.ts';
import type { Comparison, Phase, Scan } from './model.ts';
import type { Sides } from './scanning.ts';

export function comparisonOf(
  { shortCode = [] }: Extract<Phase, { is: 'secure' }>,
  { own, peer }: Sides,
  scan: Scan | null,
): Comparison {
  const shown = ({ fingerprint }: Fingerprinted) =>
    fingerprintPictures(fingerprint).slice(0, FINGERPRINT_PICTURES_SHOWN);
  return {
    shortCode: shortCodeOf(shortCode),
    ownPictures: shown(own),
    peerPictures: shown(peer),
    qrText: qrText(pairingOf(own, peer)),
    scan,
  };
}

/**
 * What scanned codes have shown, conversation by conversation. A code that agrees confirms the
 * peer; after one that differs nothing can be confirmed, whatever is pressed, until one agrees.
 */
import type { State as AccountState } from '../core/auth/machine.ts';
import type { Conversation } from '../core/conversation/driver.ts';
import {
  afterScan,
  compareScanned,
  type Fingerprinted,
  pairingOf,
  type ScanVerdict,
} from '../core/trust/qr-code.ts';
import type { UserId } from '../core/wire/ids.ts';
import type { Scan } from './model.ts';

/** The two whose keys a secure conversation stands on. */
export type Sides = { readonly own: Fingerprinted; readonly peer: Fingerprinted };

/** `null` unless the conversation is secure and the own key is here. */
export function sidesOf(conversation: Conversation, account: AccountState): Sides | null {
  const { phase, peer } = conversation;
  if (account.at !== 'signedIn' || account.key.is !== 'ready' || phase?.is !== 'secure')
    return null;
  return {
    own: { id: account.me.id, fingerprint: account.key.fingerprint },
    peer: { id: peer.id, fingerprint: phase.peerFingerprint },
  };
}

export class Scanning {
  readonly #verdicts = new WeakMap<Conversation, ScanVerdict>();

  scanned(conversation: Conversation, { own, peer }: Sides, text: string): void {
    const scanned = compareScanned(text, pairingOf(own, peer));
    const verdict = afterScan(this.#verdicts.get(conversation) ?? null, scanned);
    this.#verdicts.set(conversation, verdict);
    if (verdict.is === 'same') conversation.confirmPeer(peer.fingerprint);
  }

  confirm(conversation: Conversation, fingerprint: string): void {
    if (this.#verdicts.get(conversation)?.is !== 'differs') conversation.confirmPeer(fingerprint);
  }

  /** As the screens show it. */
  of(conversation: Conversation, me: UserId): Scan | null {
    const verdict = this.#verdicts.get(conversation) ?? null;
    if (verdict?.is !== 'differs') return verdict;
    return { is: 'differs', about: verdict.about.map((id) => (id === me ? 'me' : 'peer')) };
  }
}

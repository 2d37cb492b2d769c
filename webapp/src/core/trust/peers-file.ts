/**
 * Verified peers in a file, for another browser of the same account.
 *
 *     "dhchat peers" ‖ version 1 ‖ account id, 16 ‖ sealed { (peer id, 16 ‖ fingerprint, 32) … }
 *
 * Sealed under a password as `password-seal.ts` states: whoever does not know it can neither read
 * who talks to whom nor make a file that is believed. The account is part of what the seal covers.
 */
import { type Bytes, concat, equal, fromHex, lengthPrefixed, toHex, uint, utf8 } from '../bytes.ts';
import { ID_BYTES, type UserId, userIdBytes, userIdFrom } from '../wire/ids.ts';
import { openUnder, type Sealer, sealUnder } from './password-seal.ts';
import type { Pins } from './pins.ts';

export type PeersRefusal = 'wrongPassword' | 'malformed' | 'otherAccount';

/** A peer whose key here is not the one in the file: nothing was changed. */
export type Conflict = {
  readonly peer: UserId;
  /** The key that was verified elsewhere. */
  readonly imported: string;
};

export type PeersImport =
  | {
      readonly is: 'imported';
      /** Peers that had no pin here. */
      readonly added: number;
      /** Peers that were pinned with this key and not verified. */
      readonly raised: number;
      /** Peers that were verified already. */
      readonly same: number;
      readonly conflicts: readonly Conflict[];
    }
  | { readonly is: 'refused'; readonly why: PeersRefusal };

const MAGIC = concat(utf8('dhchat peers'), uint(1, 1));
const FINGERPRINT_BYTES = 32;
const PEER_BYTES = ID_BYTES + FINGERPRINT_BYTES;
const SEAL_AT = MAGIC.length + ID_BYTES;
/** More people than anybody compares keys with; the rest of the file is a few dozen bytes. */
export const PEERS_MAX = 10_000;
const FILE_BYTES_MAX = PEERS_MAX * PEER_BYTES + 1_024;

/** The account's pins, to and from a file. */
export class PeersFile {
  readonly #sealer: Sealer;
  readonly #account: UserId;
  readonly #pins: Pins;

  constructor(sealer: Sealer, account: UserId, pins: Pins) {
    this.#sealer = sealer;
    this.#account = account;
    this.#pins = pins;
  }

  async exportFile(password: string): Promise<Bytes> {
    const peers = (await this.#pins.verified()).slice(0, PEERS_MAX);
    const list = concat(...peers.map(([peer, print]) => concat(userIdBytes(peer), hex(print))));
    const seal = await sealUnder(this.#sealer, password, about(this.#account), list);
    return concat(MAGIC, userIdBytes(this.#account), seal);
  }

  /** All of it is read before anything is changed. */
  async importFile(file: Bytes, password: string): Promise<PeersImport> {
    const owner = ownerOf(file);
    if (owner === null) return { is: 'refused', why: 'malformed' };
    if (owner !== this.#account) return { is: 'refused', why: 'otherAccount' };
    const { primitives } = this.#sealer;
    const opened = await openUnder(primitives, password, about(owner), file.slice(SEAL_AT));
    if (opened.is === 'refused') return { is: 'refused', why: 'wrongPassword' };
    const peers = opened.is === 'opened' ? peersIn(opened.content) : null;
    if (peers === null) return { is: 'refused', why: 'malformed' };
    return this.#take(peers);
  }

  async #take(peers: readonly (readonly [UserId, string])[]): Promise<PeersImport> {
    const count = { added: 0, raised: 0, same: 0 };
    const conflicts: Conflict[] = [];
    for (const [peer, imported] of peers) {
      const came = await this.#pins.take(peer, imported);
      if (came === 'conflict') conflicts.push({ peer, imported });
      else count[came] += 1;
    }
    return { is: 'imported', ...count, conflicts };
  }
}

function about(account: UserId): Bytes {
  return lengthPrefixed(utf8('dhchat/peers/1'), userIdBytes(account));
}

/** Whose file it says to be; `null` for a file that is none of this version. */
function ownerOf(file: Bytes): UserId | null {
  if (file.length <= SEAL_AT || file.length > FILE_BYTES_MAX) return null;
  if (!equal(file.slice(0, MAGIC.length), MAGIC)) return null;
  return userIdFrom(file.slice(MAGIC.length, SEAL_AT));
}

function peersIn(list: Bytes): readonly (readonly [UserId, string])[] | null {
  if (list.length % PEER_BYTES !== 0) return null;
  const peers: (readonly [UserId, string])[] = [];
  for (let at = 0; at < list.length; at += PEER_BYTES) {
    const peer = userIdFrom(list.slice(at, at + ID_BYTES));
    if (peer === null) return null;
    peers.push([peer, toHex(list.slice(at + ID_BYTES, at + PEER_BYTES))]);
  }
  return peers;
}

function hex(fingerprint: string): Bytes {
  const bytes = fromHex(fingerprint);
  if (bytes?.length !== FINGERPRINT_BYTES) throw new Error('a fingerprint has 64 digits');
  return bytes;
}

/**
 * An identity in a file: for a second device, and for a browser that lost its storage.
 *
 *     "dhchat identity" ‖ version 1 ‖ account id, 16 ‖ public key, 32 ‖ sealed seed
 *
 * The seed is sealed under the account's password as `trust/password-seal.ts` states; account and
 * public key are part of what the seal covers, so a file speaks for one key of one account.
 */
import { type Bytes, concat, equal, lengthPrefixed, uint, utf8 } from '../bytes.ts';
import { PUBLIC_KEY_BYTES } from '../crypto/identity.ts';
import { ID_BYTES, type UserId, userIdBytes, userIdFrom } from '../wire/ids.ts';

export type Backup = {
  readonly account: UserId;
  readonly publicKey: Bytes;
  readonly sealedSeed: Bytes;
};

const MAGIC = concat(utf8('dhchat identity'), uint(1, 1));
const ACCOUNT_AT = MAGIC.length;
const PUBLIC_KEY_AT = ACCOUNT_AT + ID_BYTES;
const SEAL_AT = PUBLIC_KEY_AT + PUBLIC_KEY_BYTES;
/** A seal of 32 bytes needs about a hundred; what is longer is no backup. */
const FILE_BYTES_MAX = 1_024;

/** What the seal of an identity covers besides the seed. */
export function sealedAbout(account: UserId, publicKey: Bytes): Bytes {
  return lengthPrefixed(utf8('dhchat/identity/1'), userIdBytes(account), publicKey);
}

export function encodeBackup({ account, publicKey, sealedSeed }: Backup): Bytes {
  return concat(MAGIC, userIdBytes(account), publicKey, sealedSeed);
}

/** `null` for a file that is no backup of this version. */
export function readBackup(file: Bytes): Backup | null {
  if (file.length <= SEAL_AT || file.length > FILE_BYTES_MAX) return null;
  if (!equal(file.slice(0, MAGIC.length), MAGIC)) return null;
  const account = userIdFrom(file.slice(ACCOUNT_AT, PUBLIC_KEY_AT));
  const publicKey = file.slice(PUBLIC_KEY_AT, SEAL_AT);
  return account && { account, publicKey, sealedSeed: file.slice(SEAL_AT) };
}

/**
 * The account's own key in this browser: made from a seed once, held as `holding.ts` can, and
 * kept beside that as a copy under the account's password, which alone can leave the browser.
 *
 * A raw seed lives from its making, or opening, to its keeping, and is overwritten then. Only a
 * browser that can hold no better key has it in memory for as long as the page lasts.
 */
import { type Bytes, equal } from '../bytes.ts';
import type { Primitives } from '../crypto/suite/primitives.ts';
import type {
  Durability,
  KeptIdentity,
  KeptKey,
  KeyMarks,
  KeyVault,
  Random,
  StoredIdentity,
} from '../ports.ts';
import { openUnder, type SealCost, sealUnder } from '../trust/password-seal.ts';
import type { UserId } from '../wire/ids.ts';
import { type Backup, encodeBackup, readBackup, sealedAbout } from './backup.ts';
import { type Holding, hold, unwrapped } from './holding.ts';

export type KeyWorld = {
  readonly vault: KeyVault;
  readonly marks: KeyMarks;
  readonly durability: Durability;
  readonly primitives: Primitives;
  readonly random: Random;
  readonly sealCost: SealCost;
  readonly holding: Holding;
};

/** A key of which the server may not have heard yet. */
export type FreshKey = { readonly publicKey: Bytes; readonly seed: Bytes };

/** What this browser has of an account's key. */
export type Held =
  | { readonly is: 'here'; readonly identity: StoredIdentity; readonly exportable: boolean }
  /** Only the copy under the password. */
  | { readonly is: 'locked'; readonly publicKey: Bytes }
  /** It was here, and this browser's storage has lost it. */
  | { readonly is: 'lost' }
  | { readonly is: 'never' };

/** Why a file was not written or not taken. */
export type FileRefusal =
  | 'wrongPassword'
  | 'malformed'
  /** Of another account. */
  | 'otherAccount'
  /** Not the key that the server has. */
  | 'otherKey'
  /** This key never was a seed here, so there is no copy to give. */
  | 'noCopy';

type Refused = { readonly is: 'refused'; readonly why: FileRefusal };

export type Exported = { readonly is: 'file'; readonly file: Bytes } | Refused;

export type Imported = { readonly is: 'held'; readonly held: Held } | Refused;

const SEED_BYTES = 32;

export class OwnKeys {
  readonly #world: KeyWorld;

  constructor(world: KeyWorld) {
    this.#world = world;
  }

  async make(): Promise<FreshKey> {
    const { random, primitives } = this.#world;
    const seed = random.bytes(SEED_BYTES);
    return { seed, publicKey: await primitives.ed25519.publicKeyOf(seed) };
  }

  /** Keeps a key unless another page of this browser was first: then that one counts. */
  async keep(account: UserId, fresh: FreshKey, password: string): Promise<Held> {
    const { vault } = this.#world;
    const made = await this.#sealed(account, fresh, password);
    const kept = await vault.add(account, made);
    return this.#kept(account, await this.#opened(account, kept, password));
  }

  /** The same, in place of whatever is kept. */
  async replace(account: UserId, fresh: FreshKey, password: string): Promise<Held> {
    const kept = await this.#sealed(account, fresh, password);
    await this.#world.vault.replace(account, kept);
    return this.#kept(account, await this.#opened(account, kept, password));
  }

  /** What is here; a copy under a password is tried if the password is at hand. */
  async find(account: UserId, password: string | null): Promise<Held> {
    const { vault, marks } = this.#world;
    const kept = await vault.load(account);
    if (kept === null) return (await marks.has(account)) ? { is: 'lost' } : { is: 'never' };
    const held = await this.#opened(account, kept, password);
    await marks.set(account);
    return held;
  }

  /** Only whoever knows the password gets the file; it opens under the same password. */
  async exportFile(account: UserId, password: string): Promise<Exported> {
    const kept = await this.#world.vault.load(account);
    if (kept === null || kept.sealedSeed === null) return { is: 'refused', why: 'noCopy' };
    const { publicKey, sealedSeed } = kept;
    const unsealed = await this.#unsealed({ account, publicKey, sealedSeed }, password);
    if (unsealed.is === 'refused') return unsealed;
    unsealed.seed.fill(0);
    return { is: 'file', file: encodeBackup({ account, publicKey, sealedSeed }) };
  }

  /** Takes a key out of a file if it is the one that the server has for this account. */
  async importFile(
    account: UserId,
    published: Bytes,
    { file, password }: { readonly file: Bytes; readonly password: string },
  ): Promise<Imported> {
    const backup = readBackup(file);
    if (backup === null) return { is: 'refused', why: 'malformed' };
    if (backup.account !== account) return { is: 'refused', why: 'otherAccount' };
    const { publicKey, sealedSeed } = backup;
    if (!equal(publicKey, published)) return { is: 'refused', why: 'otherKey' };
    const unsealed = await this.#unsealed(backup, password);
    if (unsealed.is === 'refused') return unsealed;
    const kept = { publicKey, key: await this.#hold(unsealed.seed), sealedSeed };
    await this.#world.vault.replace(account, kept);
    const held = await this.#opened(account, kept, password);
    return { is: 'held', held: await this.#kept(account, held) };
  }

  /**
   * The copy sealed anew under another password, and the act that keeps it; to be done when the
   * password has changed. `null` if there is no copy that opens under the old one.
   */
  async resealed(
    account: UserId,
    old: string,
    password: string,
  ): Promise<(() => Promise<void>) | null> {
    const { vault, primitives, random, sealCost } = this.#world;
    const kept = await vault.load(account);
    if (kept === null || kept.sealedSeed === null) return null;
    const { publicKey, key, sealedSeed } = kept;
    const unsealed = await this.#unsealed({ account, publicKey, sealedSeed }, old);
    if (unsealed.is === 'refused') return null;
    const sealer = { primitives, random, cost: sealCost };
    const about = sealedAbout(account, publicKey);
    const anew = await sealUnder(sealer, password, about, unsealed.seed);
    unsealed.seed.fill(0);
    return () => vault.replace(account, { publicKey, key, sealedSeed: anew });
  }

  async #sealed(account: UserId, fresh: FreshKey, password: string): Promise<KeptIdentity> {
    const { primitives, random, sealCost } = this.#world;
    const { publicKey, seed } = fresh;
    const sealer = { primitives, random, cost: sealCost };
    const about = sealedAbout(account, publicKey);
    const sealedSeed = await sealUnder(sealer, password, about, seed);
    return { publicKey, key: await this.#hold(seed), sealedSeed };
  }

  /** Nobody has the raw seed after this. */
  async #hold(seed: Bytes): Promise<KeptKey> {
    try {
      return await hold(seed, this.#world.holding);
    } finally {
      seed.fill(0);
    }
  }

  async #opened(account: UserId, kept: KeptIdentity, password: string | null): Promise<Held> {
    const { publicKey, key, sealedSeed } = kept;
    const here = (signingKey: StoredIdentity['signingKey']): Held => {
      return { is: 'here', identity: { publicKey, signingKey }, exportable: sealedSeed !== null };
    };
    if (key.is === 'handle') return here(key);
    if (key.is === 'wrapped') return here({ is: 'seed', seed: await unwrapped(key) });
    if (password === null || sealedSeed === null) return { is: 'locked', publicKey };
    const unsealed = await this.#unsealed({ account, publicKey, sealedSeed }, password);
    if (unsealed.is === 'refused') return { is: 'locked', publicKey };
    return here({ is: 'seed', seed: unsealed.seed });
  }

  /** A seed that is not of this key was sealed by somebody else: the file is not what it says. */
  async #unsealed(
    { account, publicKey, sealedSeed }: Backup,
    password: string,
  ): Promise<{ readonly is: 'seed'; readonly seed: Bytes } | Refused> {
    const { primitives } = this.#world;
    const about = sealedAbout(account, publicKey);
    const opened = await openUnder(primitives, password, about, sealedSeed);
    if (opened.is === 'refused') return { is: 'refused', why: 'wrongPassword' };
    if (opened.is === 'malformed') return { is: 'refused', why: 'malformed' };
    const seed = opened.content;
    const fits =
      seed.length === SEED_BYTES && equal(await primitives.ed25519.publicKeyOf(seed), publicKey);
    return fits ? { is: 'seed', seed } : { is: 'refused', why: 'malformed' };
  }

  async #kept(account: UserId, held: Held): Promise<Held> {
    await this.#world.marks.set(account);
    void this.#world.durability.ask();
    return held;
  }
}

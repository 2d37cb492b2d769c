/** Everything that this browser keeps of an account, wherever it lies, goes at once. */
import type { KeyMarks, KeyVault, PeopleStore, PinStore } from '../ports.ts';
import type { UserId } from '../wire/ids.ts';

/** Who keeps something by account. */
export type Keepers = {
  readonly vault: Pick<KeyVault, 'forget'>;
  readonly pins: Pick<PinStore, 'forget'>;
  readonly people: Pick<PeopleStore, 'forget'>;
  readonly marks: Pick<KeyMarks, 'forget'>;
};

/** Each is asked, also when one fails; then it rejects, for something is left. */
export async function forgetAccount(keepers: Keepers, account: UserId): Promise<void> {
  const { vault, pins, people, marks } = keepers;
  const asked = [vault, pins, people, marks].map((keeper) => keeper.forget(account));
  const left = (await Promise.allSettled(asked)).filter(({ status }) => status === 'rejected');
  if (left.length > 0) throw new Error('something of the account is left in this browser');
}

/**
 * Looking after an account at real browsers: devices, the password, who is blocked, and what a
 * browser keeps and forgets. Against running servers, like `two-people.e2e.ts`.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { launch } from './browser.ts';
import { eventually } from './eventually.ts';
import { PASSWORD, Person, type Somebody, talk } from './person.ts';
import { foundStored } from './stored.ts';
import { named } from './words.ts';

const ALICE: Somebody = { called: 'alice', place: 0, language: 'en' };
const BOB: Somebody = { called: 'bob', place: 1, language: 'ru' };
const OTHER_PASSWORD = 'quinces behind the shed 7';

describe('an account', () => {
  let browser: Browser;

  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  async function registered(somebody: Somebody): Promise<Person> {
    const person = await Person.arrive(browser, somebody);
    await person.register();
    return person;
  }

  const isSignedOut = ({ page, words }: Person) =>
    page.getByRole('heading', { name: words.account.signInTitle }).waitFor();

  it('shows its devices and ends one, which is signed out at once', async () => {
    const alice = await registered(ALICE);
    const other = await alice.onAnotherDevice(browser);
    await other.signIn();
    await other.isHome();
    // Who has no connection learns of the end only when it asks for something.
    await other.takeOverFrom(alice);
    const settings = await alice.openSettings();
    const devices = settings.getByRole('list', { name: alice.words.devices.title });
    await eventually(() => devices.getByRole('listitem').count(), 2);
    await devices.getByText(alice.words.devices.this).waitFor();
    await devices.getByRole('button').click();
    await settings.getByText(alice.words.account.done.endDevice).waitFor();
    await eventually(() => devices.getByRole('listitem').count(), 1);
    await isSignedOut(other);
    await alice.closeSettings();
    await alice.page.context().close();
    await other.page.context().close();
  });

  it('has another password once it was changed, and other devices are out', async () => {
    const alice = await registered(ALICE);
    const before = await alice.ownFingerprint();
    const other = await alice.onAnotherDevice(browser);
    await other.signIn();
    await other.isHome();
    await other.takeOverFrom(alice);
    const { account } = alice.words;
    const settings = await alice.openSettings(account.changeTitle);
    const change = async (old: string) => {
      await settings.getByLabel(account.oldPassword).fill(old);
      await settings.getByLabel(account.newPassword).fill(OTHER_PASSWORD);
      await settings.getByRole('button', { name: account.change }).click();
    };
    await change('not my password 1');
    await settings.getByText(account.wrongPassword).waitFor();
    await change(PASSWORD);
    await settings.getByText(account.done.changePassword).waitFor();
    await isSignedOut(other);
    await alice.closeSettings();
    await alice.signOut();
    await alice.signIn(OTHER_PASSWORD);
    await alice.isHome();
    assert.equal(await alice.ownFingerprint(), before);
    await alice.page.context().close();
    await other.page.context().close();
  });

  it('that signs out leaves no name behind, and its key', async () => {
    const [alice, bob] = [await registered(ALICE), await registered(BOB)];
    const before = await alice.ownFingerprint();
    await talk(alice, bob);
    await alice.leave();
    await alice.page.getByRole('button', { name: alice.words.people.clear }).click();
    const recent = alice.page.getByRole('region', { name: alice.words.people.recent });
    await recent.getByText(bob.name).waitFor();
    assert.deepEqual(await foundStored(alice.page, [bob.name]), ['indexedDB']);
    await alice.signOut();
    await eventually(() => foundStored(alice.page, [bob.name]), []);
    await alice.signIn();
    await alice.isHome();
    assert.equal(await alice.ownFingerprint(), before);
    await Promise.all([alice.goHome(), bob.page.context().close()]);
  });

  it('leaves nothing in a browser that forgets it, or when it is removed', async () => {
    const [alice, bob] = [await registered(ALICE), await registered(BOB)];
    await talk(alice, bob);
    for (const [person, part, submit] of [
      [alice, alice.words.account.forgetTitle, alice.words.account.forget],
      [bob, bob.words.account.deleteTitle, bob.words.account.delete],
    ] as const) {
      const settings = await person.openSettings(part);
      const { password } = person.words.account;
      if (person === bob)
        await settings.getByLabel(password, { exact: true }).last().fill(PASSWORD);
      await settings.getByRole('button', { name: submit }).click();
      await isSignedOut(person);
      const parted = person === bob ? 'deleted' : 'forgotten';
      await person.page.getByText(person.words.account.parted[parted]).waitFor();
      const stored = await person.page.evaluate(whatIsStored);
      assert.deepEqual(stored, { records: 0, choices: [] });
    }
    await bob.signIn();
    await bob.page.getByText(bob.words.fault.code.INVALID_CREDENTIALS).waitFor();
    await alice.signIn();
    await alice.isHome();
    await alice.page.getByRole('heading', { name: alice.words.key.elsewhereTitle }).waitFor();
    await Promise.all([alice.page.context().close(), bob.page.context().close()]);
  });

  it('hears nothing of who is blocked, until that is undone', async () => {
    const [alice, bob] = [await registered(ALICE), await registered(BOB)];
    const { people } = alice.words;
    await alice.find(bob);
    await alice.page.getByRole('button', { name: named(people.blockOf, bob.name) }).click();
    await alice.page
      .getByRole('dialog')
      .getByRole('button', { name: people.block, exact: true })
      .click();
    await alice.page.getByText(people.isBlocked, { exact: true }).waitFor();
    await bob.find(alice);
    await bob.open(alice);
    await bob.sees('establishing');
    const settings = await alice.openSettings(people.blocked);
    assert.equal(
      await alice.page.getByText(named(alice.words.incoming.wants, bob.name)).count(),
      0,
    );
    await settings.getByRole('button', { name: named(people.unblockOf, bob.name) }).click();
    await alice.closeSettings();
    await alice.rings(bob);
    await alice.accept(bob);
    await Promise.all([alice.sees('secure'), bob.sees('secure')]);
    await Promise.all([alice.goHome(), bob.goHome()]);
  });

  it('is signed in on every page of a browser, and out on every page', async () => {
    const alice = await registered(ALICE);
    const again = await alice.openAgain();
    await Promise.all([alice.page.reload(), again.page.reload()]);
    await Promise.all([alice.isHome(), again.isHome()]);
    await again.takeOverFrom(alice);
    await alice.signOut();
    await isSignedOut(again);
    await alice.goHome();
  });
});

/** What a person's browser still keeps of an account. Runs in the page. */
async function whatIsStored(): Promise<{ records: number; choices: string[] }> {
  const answered = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  let records = 0;
  for (const { name = '' } of await indexedDB.databases()) {
    const database = await answered(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      records += await answered(database.transaction(store).objectStore(store).count());
    }
    database.close();
  }
  return { records, choices: Object.keys(localStorage) };
}

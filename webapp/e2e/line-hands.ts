/**
 * What somebody does with a line: asked in its menu as a person asks, pressed as a person presses.
 */
import type { Locator } from 'playwright-core';
import { eventually } from './eventually.ts';
import { linesOn } from './lines.ts';
import type { Person } from './person.ts';

/** The row of a line that is drawn. */
export function row(person: Person, text: string): Locator {
  const said = person.page.locator('[data-text]').getByText(text, { exact: true });
  return person.page.locator('[data-line-id]').filter({ has: said });
}

/** Chooses an act in the menu of a line. */
export async function choose(
  person: Person,
  text: string,
  act: 'reply' | 'edit' | 'copy' | 'delete',
): Promise<void> {
  await row(person, text).hover();
  await row(person, text).locator('[data-acts]').click();
  await person.page.getByRole('menuitem', { name: person.words.acts[act] }).click();
}

export async function react(person: Person, text: string, emoji: string): Promise<void> {
  await row(person, text).hover();
  await row(person, text).locator('[data-acts]').click();
  const name = person.words.acts.reactWith.replace('{{emoji}}', emoji);
  await person.page.getByRole('menuitemradio', { name }).click();
}

/** Answers what the dialog asks before a line is deleted. */
export async function remove(
  person: Person,
  text: string,
  for_: 'forMe' | 'forBoth',
): Promise<void> {
  await choose(person, text, 'delete');
  const dialog = person.page.getByRole('dialog');
  await dialog.getByRole('button', { name: person.words.deleteLine[for_] }).click();
  await dialog.waitFor({ state: 'detached' });
}

/** What stands in the field where one writes is replaced and sent. */
export async function write(person: Person, text: string): Promise<void> {
  await person.page.locator('textarea').fill(text);
  await person.page.locator('textarea').press('Enter');
}

/** Waits until all lines of both, in order, read so; a deleted one reads as nothing. */
export async function seesLines(person: Person, texts: readonly string[]): Promise<void> {
  await eventually(async () => (await linesOn(person.page)).map(({ text }) => text), [...texts]);
}

/** Waits until the reactions below a line are these, each as it is named. */
export async function seesReactions(
  person: Person,
  text: string,
  names: readonly string[],
): Promise<void> {
  const pressed = row(person, text).locator('[aria-pressed]');
  await eventually(
    () => pressed.evaluateAll((all) => all.map((each) => each.getAttribute('aria-label') ?? '')),
    [...names],
  );
}

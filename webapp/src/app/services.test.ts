/** Whole browsers talking to one another: everything of the core at once, as the screens see it. */
import { expect, it } from 'vitest';
import { Story } from '../test/story.ts';

it('[CONV1] two people find each other, agree on keys and talk', async () => {
  const story = new Story();
  const { alice, bob } = await story.secured();
  for (let n = 0; n < 100; n += 1) {
    alice.model.say(`a${n}`);
    bob.model.say(`b${n}`);
    if (n % 7 === 0) await story.quiet();
  }
  await story.until(() => alice.lines.length === 200 && bob.lines.length === 200);
  alice.look();
  bob.look();
  const read = (lines: readonly string[]) =>
    lines.filter((line) => line.endsWith('(read)')).length === 100;
  await story.until(() => read(alice.lines) && read(bob.lines));
  expect(alice.lines.filter((line) => line.startsWith('peer'))).toEqual(
    Array.from({ length: 100 }, (_, n) => `peer: b${n} (received)`),
  );
});

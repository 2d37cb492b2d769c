/**
 * Two people in two real browsers say canaries in every way that there is, and everything that a
 * server has is searched for them: memory while they talk and after, what crosses the wires, what
 * is stored, logged, measured and recorded. `infra/canaries/README.md` says how.
 */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { launch } from '../../../webapp/e2e/browser.ts';
import { Sent } from '../../../webapp/e2e/sent.ts';
import { say } from '../../chaos/say.ts';
import { judge, wrongs } from '../judge.ts';
import { Control } from '../people/control.ts';
import { canariesOf, type Planted, planted } from '../people/plants.ts';
import { plantInPage, Talk, type Words, wordsOf } from '../people/talk.ts';
import { keepMetrics, searchMemory, searchMemoryWhile, searchRest } from '../places/everywhere.ts';
import type { Look } from '../places/finds.ts';
import { SearchThread } from '../places/search-thread.ts';
import { report } from '../report.ts';
import { beginning } from '../search/canary.ts';
import { open } from '../servers/house.ts';
import { type Settings, settings } from '../settings.ts';

const SAID = 'said';

it('[CANARY4] what two people say lies open nowhere on the server side', async (test) => {
  const given = settings();
  mkdirSync(given.folder, { recursive: true });
  const [flock, control] = [beginning(), beginning()];
  const words = wordsOf(given.canaries, flock);
  const plants = planted(control);
  const search = new SearchThread([
    { name: SAID, beginning: flock, canaries: Object.values(words).flat() },
    { name: 'planted', beginning: control, canaries: canariesOf(plants) },
  ]);
  test.after(() => search.end());
  const { looks, remarks } = await talkAndLook(test, given, { words, plants, search });
  const verdict = judge(looks, plants, SAID);
  const text = `${report(verdict, words, remarks)}\n`;
  process.stdout.write(`\n${text}\n`);
  const wrong = wrongs(verdict);
  writeFileSync(join(given.folder, 'report.md'), [text, ...wrong].join('\n'));
  assert.deepEqual(wrong, []);
});

/** The whole run, and every look at every place. */
async function talkAndLook(
  test: TestContext,
  { folder, canaries, ...around }: Settings,
  run: { words: Words; plants: Planted; search: SearchThread },
): Promise<{ looks: readonly Look[]; remarks: readonly string[] }> {
  const { words, plants, search } = run;
  const house = await open({ ...around, folder });
  const urls = [house.edges[0].url, house.edges[1].url] as const;
  const people = await Control.begin(urls, plants);
  test.after(() => people.end());
  const browser = await launch();
  test.after(() => browser.close());
  const sent = new Sent(join(folder, 'sent-by-browsers'));
  await plantInPage(sent.from(browser), urls[0], plants);
  const talk = await Talk.begin(browser, urls, sent);

  say(`Two people talk: ${canaries} canaries`);
  const looks = await searchMemoryWhile(talk.say(words), house, search);
  await keepMetrics(house, join(folder, 'metrics'));
  say('Everything has arrived; memory is searched again, and once more when they have parted');
  looks.push(...(await searchMemory(house, search)));
  await talk.end();
  looks.push(...(await searchMemory(house, search)));
  await talk.goHome();

  await people.end();
  const recorded = await house.recorder.end();
  await sent.close();
  say('What is left is searched');
  looks.push(...(await searchRest(house, search, { folder, sent: sent.path, plants })));
  return { looks, remarks: [`${sent.frames} frames left the browsers.`, recorded] };
}

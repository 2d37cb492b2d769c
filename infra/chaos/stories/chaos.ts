/** Everything breaks, one server at a time, while all talk. */
import { seededRandom } from '../../../webapp/src/test/seeded-random.ts';
import { Nemesis } from '../nemesis/nemesis.ts';
import { planned } from '../nemesis/plan.ts';
import { say } from '../say.ts';
import type { Story } from '../story.ts';

const TELL_EVERY_MS = 30_000;

export async function chaos(story: Story): Promise<void> {
  const { seed, seconds } = story.settings;
  const { deployment, door, crowds } = story;
  let faults = 0;
  const nemesis = new Nemesis({
    deployment,
    door,
    beforeKill: (edge) => story.lookAt(edge),
    happened: (fault) => {
      faults += 1;
      story.happened(fault);
    },
  });
  crowds.talk(true);
  const timer = setTimeout(() => nemesis.stop(), seconds * 1_000);
  const tell = () => say(`${faults} faults so far; ${crowds.up} clients are in conversations`);
  const telling = setInterval(tell, TELL_EVERY_MS);
  await nemesis.haunt(planned(seededRandom(seed).fraction, 2 * seconds * 1_000));
  clearTimeout(timer);
  clearInterval(telling);
}

/** As an operator updates: one edge after the other is stopped in order and started again. */
import { setTimeout as pause } from 'node:timers/promises';
import { monotonicMs } from '../monotonic.ts';
import { say } from '../say.ts';
import type { Story } from '../story.ts';

export async function rolling(story: Story): Promise<void> {
  const { seconds } = story.settings;
  story.crowds.talk(true);
  for (const edge of story.deployment.edges) {
    await pause(seconds * 1_000);
    await story.lookAt(edge);
    const { service } = edge;
    const touched = story.door.clientsAt(service.name);
    const begin = monotonicMs();
    await service.stop();
    await service.start();
    const end = monotonicMs();
    say(
      `${service.name} was restarted under ${touched.length} clients in ${Math.round(end - begin)} ms`,
    );
    story.happened({ kind: 'edge-restart', target: service.name, touched, begin, end });
  }
  await pause(seconds * 1_000);
}

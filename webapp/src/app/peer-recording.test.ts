/** Seeing that the other one records, between whole browsers. */
import { describe, expect, it } from 'vitest';
import { type Browser, Story } from '../test/story.ts';

const VOICE = { accessMode: 'both', kind: 'voice', durationMs: 3_000 } as const;

const doingOf = ({ phase }: Browser) =>
  phase?.is === 'secure' ? [phase.peerTyping, phase.peerRecording] : [];

describe('recording', () => {
  it('[CONV75] is seen for 5 s, and for as long as it goes on', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    alice.model.recording('voice');
    await story.until(() => doingOf(bob)[1] === 'voice');
    expect(doingOf(bob)).toEqual([false, 'voice']);
    await story.pass(5_000, 500);
    expect(doingOf(bob)).toEqual([false, null]);
    const before = story.server.relayed.length;
    for (let second = 0; second < 12; second += 1) {
      alice.model.recording('video');
      await story.pass(1_000, 500);
      expect(doingOf(bob)).toEqual([false, 'video']);
    }
    const said = story.server.relayed.slice(before).filter(({ from }) => from === alice.me.id);
    expect(said.map(({ frame }) => frame.label)).toEqual(['typing', 'typing', 'typing', 'typing']);
    alice.model.recording(null);
    await story.until(() => doingOf(bob)[1] === null);
  });

  it('[CONV75] takes the place of writing at once, and the other way round', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    alice.model.typing(true);
    await story.until(() => doingOf(bob)[0] === true);
    alice.model.recording('voice');
    await story.until(() => doingOf(bob)[1] === 'voice');
    expect(doingOf(bob)).toEqual([false, 'voice']);
    alice.model.typing(true);
    await story.until(() => doingOf(bob)[0] === true);
    expect(doingOf(bob)).toEqual([true, null]);
  });

  it('[CONV75] is over when the voice comes', async () => {
    const story = new Story();
    const { alice, bob } = await story.secured();
    alice.model.recording('voice');
    await story.until(() => doingOf(bob)[1] === 'voice');
    alice.model.sendFile(new Blob(['voice'], { type: 'audio/ogg' }), 'words.ogg', VOICE);
    await story.until(() => bob.phase?.is === 'secure' && bob.phase.transfers.length === 1);
    expect(doingOf(bob)).toEqual([false, null]);
  });
});

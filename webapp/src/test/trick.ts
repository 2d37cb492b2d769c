/** Plays a trick at each of many moments, and tells at which it showed. */
import type { PeerFrame } from '../core/wire/frames.ts';
import { type Notice, Scene } from './scene.ts';
import type { Relayed } from './test-server.ts';

type Named = {
  readonly name: string;
  /** How it may show: one of these must. */
  readonly shows: readonly Notice[];
  /** The two have talked before. */
  readonly isKnown?: boolean;
};

/** Something done to one frame. */
export type Trick = Named & {
  /** Frames that are moments for it. */
  readonly at: (relayed: Relayed, scene: Scene) => boolean;
  /** What arrives in place of that frame. */
  readonly play: (scene: Scene, relayed: Relayed) => readonly PeerFrame[];
};

/** Something prepared before they talk, each time a little differently. */
export type Plot = Named & {
  readonly prepare: (scene: Scene, variant: number) => void | Promise<void>;
  readonly deployments?: readonly string[];
  /** Nobody may be shown a channel. */
  readonly isHopeless?: boolean;
};

/** What came of one trick at one moment. */
export type Played = {
  readonly trick: string;
  readonly moment: number;
  /** `noticed`, or what is wrong. */
  readonly outcome: string;
};

/** Plays it at so many moments, spread over all that a conversation has. */
export async function playedAt(trick: Trick, moments: number): Promise<readonly Played[]> {
  const count = await momentsOf(trick);
  const played: Played[] = [];
  for (let n = 0; n < moments; n += 1) {
    const moment = Math.floor(((n + 0.5) * count) / moments);
    played.push({ trick: trick.name, moment, outcome: await playedOnce(trick, moment, n) });
  }
  return played;
}

export async function plotted(plot: Plot, variants: number): Promise<readonly Played[]> {
  const played: Played[] = [];
  for (let moment = 0; moment < variants; moment += 1) {
    const { isKnown = false, deployments } = plot;
    const scene = await Scene.of(moment, { isKnown, ...(deployments && { deployments }) });
    await plot.prepare(scene, moment);
    const outcome = await outcomeOf(scene, plot);
    const isWrong = plot.isHopeless === true && scene.wasSecure;
    played.push({ trick: plot.name, moment, outcome: isWrong ? 'a channel was shown' : outcome });
  }
  return played;
}

/** How many moments there are when nobody meddles. */
async function momentsOf(trick: Trick): Promise<number> {
  const scene = await sceneFor(trick, 0);
  let count = 0;
  scene.meddle = (relayed) => {
    if (trick.at(relayed, scene)) count += 1;
    return [relayed.frame];
  };
  await scene.converse();
  if (scene.notices.size > 1 || !scene.notices.has('recovered')) {
    throw new Error(`without a trick there is nothing to notice: ${[...scene.notices]}`);
  }
  if (count === 0) throw new Error(`there is no moment for: ${trick.name}`);
  return count;
}

async function playedOnce(trick: Trick, moment: number, seed: number): Promise<string> {
  const scene = await sceneFor(trick, seed);
  let seen = 0;
  let isPlayed = false;
  scene.meddle = (relayed) => {
    if (isPlayed || !trick.at(relayed, scene)) return [relayed.frame];
    seen += 1;
    if (seen <= moment) return [relayed.frame];
    isPlayed = true;
    return trick.play(scene, relayed);
  };
  const outcome = await outcomeOf(scene, trick);
  if (isPlayed) return outcome;
  // Some conversations are shorter than the one that was counted: their last moment will do.
  return seen === 0 ? 'its moment did not come' : playedOnce(trick, seen - 1, seed);
}

async function outcomeOf(scene: Scene, { shows }: Named): Promise<string> {
  try {
    await scene.converse(shows);
  } catch (error) {
    return `${error}`;
  }
  const isNoticed = shows.some((notice) => scene.notices.has(notice));
  return isNoticed ? 'noticed' : `unnoticed: ${[...scene.notices].join(', ') || 'nothing'}`;
}

function sceneFor({ isKnown = false }: Trick, seed: number): Promise<Scene> {
  return Scene.of(seed, { isKnown });
}

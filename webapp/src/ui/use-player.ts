/**
 * A player for an element of the page: what it plays comes from memory, and goes with it.
 */
import { type RefObject, useEffect, useRef, useState } from 'react';
import { FRESH, Player, type PlayerState } from './player.ts';
import { useObjectUrl } from './use-object-url.ts';

type Played<E extends HTMLMediaElement> = {
  readonly ref: RefObject<E | null>;
  readonly url: string | null;
  readonly state: PlayerState;
  /** `null` until there is something to play. */
  readonly player: Player | null;
};

/** The element takes `ref`, and `url` as its source. */
export function usePlayer<E extends HTMLMediaElement>(blob: Blob | null): Played<E> {
  const ref = useRef<E>(null);
  const url = useObjectUrl(blob);
  const [state, setState] = useState<PlayerState>(FRESH);
  const [player, setPlayer] = useState<Player | null>(null);

  useEffect(() => {
    const element = ref.current;
    if (element === null || url === null) return;
    const made = new Player(element, setState);
    setState(made.state);
    setPlayer(made);
    return () => {
      made.stop();
      setState(FRESH);
      setPlayer(null);
    };
  }, [url]);

  // The browser tells where it is four times a second; pictures of it move between.
  useEffect(() => {
    if (!state.isPlaying || player === null) return;
    let frame = requestAnimationFrame(function look() {
      player.look();
      frame = requestAnimationFrame(look);
    });
    return () => cancelAnimationFrame(frame);
  }, [state.isPlaying, player]);

  return { ref, url, state, player };
}

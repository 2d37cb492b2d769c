/**
 * A finger that rests on something asks what can be done with it, as a right press of a mouse
 * does. Scrolling, and a tap, are no long press.
 */
import { type MouseEvent, type PointerEvent, useEffect, useRef } from 'react';
import type { Anchor } from './Popover.tsx';

/** As long as systems take for it. */
const PRESS_MS = 500;
/** How far a finger that rests may roll. */
const ROLL_PX = 10;

type Pressed = {
  readonly timer: ReturnType<typeof setTimeout>;
  readonly x: number;
  readonly y: number;
};

type LongPress = {
  readonly onPointerDown: (event: PointerEvent) => void;
  readonly onPointerMove: (event: PointerEvent) => void;
  readonly onPointerUp: () => void;
  readonly onPointerCancel: () => void;
  readonly onClickCapture: (event: MouseEvent) => void;
};

export function useLongPress(onPress: (at: Anchor) => void): LongPress {
  const pressed = useRef<Pressed>(null);
  /** The lifting of that finger presses nothing. */
  const swallows = useRef(false);
  const forget = () => {
    clearTimeout(pressed.current?.timer);
    pressed.current = null;
  };
  useEffect(() => () => clearTimeout(pressed.current?.timer), []);

  return {
    onPointerDown: ({ pointerType, clientX: x, clientY: y }) => {
      swallows.current = false;
      if (pointerType !== 'touch') return;
      forget();
      const timer = setTimeout(() => {
        swallows.current = true;
        pressed.current = null;
        onPress({ left: x, right: x, top: y, bottom: y });
      }, PRESS_MS);
      pressed.current = { timer, x, y };
    },
    onPointerMove: ({ clientX, clientY }) => {
      const from = pressed.current;
      if (from !== null && Math.hypot(clientX - from.x, clientY - from.y) > ROLL_PX) forget();
    },
    onPointerUp: forget,
    onPointerCancel: forget,
    onClickCapture: (event) => {
      if (!swallows.current) return;
      swallows.current = false;
      event.preventDefault();
      event.stopPropagation();
    },
  };
}

/**
 * The interface's own pictures, drawn on one grid of 20 with one stroke. They are decoration:
 * whoever uses one gives the words.
 */
const PATHS = {
  alert: 'M10 6.5v4.5M10 13.8v.2M10 2.5 18 16.5H2z',
  arrowDown: 'M10 4v12M5 11l5 5 5-5',
  arrowLeft: 'M16 10H4M9 5l-5 5 5 5',
  arrowRight: 'M4 10h12M11 5l5 5-5 5',
  block: 'M17.5 10a7.5 7.5 0 1 1-15 0 7.5 7.5 0 0 1 15 0M4.7 4.7l10.6 10.6',
  camera:
    'M2.5 6.5a1.5 1.5 0 0 1 1.5-1.5h7a1.5 1.5 0 0 1 1.5 1.5v7a1.5 1.5 0 0 1-1.5 1.5H4a1.5 1.5 0 0 1-1.5-1.5zM12.5 9l5-2.8v7.6l-5-2.8',
  scan: 'M2.5 6.5h3.2L7.2 4h5.6l1.5 2.5h3.2v10h-15zM13 11a3 3 0 1 1-6 0 3 3 0 0 1 6 0',
  check: 'M4 10.5 8.2 15 16 5.5',
  chevron: 'M5 7.5l5 5 5-5',
  clip: 'M15.5 9.5 9.6 15.4a3.3 3.3 0 0 1-4.7-4.7l6.4-6.4a2.2 2.2 0 0 1 3.1 3.1l-6.3 6.3a1.1 1.1 0 0 1-1.6-1.6l5.7-5.6',
  clock: 'M10 5.5V10l3 2M17.5 10a7.5 7.5 0 1 1-15 0 7.5 7.5 0 0 1 15 0',
  close: 'M5 5l10 10M15 5 5 15',
  copy: 'M7 7h9.5v9.5H7zM4 13H3.5V3.5H13V4',
  dot: 'M10 9.5a.5.5 0 1 1 0 1 .5.5 0 0 1 0-1',
  doubleCheck: 'M1.5 10.5 5.5 15 12.5 5.5M9.5 14l.9 1L18.5 5.5',
  edit: 'M3.5 16.5l1-4L14 3l3 3-9.5 9.5zM11.5 5.5l3 3',
  eye: 'M1.8 10S5 4.5 10 4.5 18.2 10 18.2 10 15 15.5 10 15.5 1.8 10 1.8 10M12.5 10a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0',
  eyeOff:
    'M3 3l14 14M8 4.8A8 8 0 0 1 10 4.5c5 0 8.2 5.5 8.2 5.5a14 14 0 0 1-2.4 3M12.6 14.9a8 8 0 0 1-2.6.6C5 15.5 1.8 10 1.8 10a14 14 0 0 1 3.3-3.8',
  file: 'M5 2.5h6.5L15 6v11.5H5zM11.5 2.5V6H15',
  fingerprint:
    'M3.5 11V9.5a6.5 6.5 0 0 1 11-4.7M16.5 9v2M6.5 15.5V9.5a3.5 3.5 0 0 1 7 0v3M10 9.5v8M13.4 15.5l-.4 1.5',
  leave: 'M8 3H4v14h4M8.5 10H17M13.5 6l4 4-4 4',
  lock: 'M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9',
  microphone:
    'M10 2.5a2.5 2.5 0 0 1 2.5 2.5v5a2.5 2.5 0 0 1-5 0V5A2.5 2.5 0 0 1 10 2.5M4.5 9.5V10a5.5 5.5 0 0 0 11 0v-.5M10 15.5v2.5',
  minus: 'M4 10h12',
  moon: 'M16.5 12A7 7 0 0 1 8 3.5 7 7 0 1 0 16.5 12',
  pause: 'M7 4.5v11M13 4.5v11',
  picture: 'M3 4h14v12H3zM3 13l4-4 4 4 2.5-2.5L17 14M12.5 7.5h.1',
  play: 'M6 3.5v13l10-6.5z',
  plus: 'M10 4v12M4 10h12',
  more: 'M10 4.2v.1M10 10v.1M10 15.8v.1',
  reply: 'M8 4.5 3 9.5l5 5M3.5 9.5H12a5 5 0 0 1 5 5v1.5',
  search: 'M14 8.5a5.5 5.5 0 1 1-11 0 5.5 5.5 0 0 1 11 0M12.5 12.5 17 17',
  send: 'M10 16.5v-13M4.5 9 10 3.5 15.5 9',
  settings:
    'M3 6h6M13 6h4M3 14h2M9 14h8M13 6a2 2 0 1 1-4 0 2 2 0 0 1 4 0M9 14a2 2 0 1 1-4 0 2 2 0 0 1 4 0',
  smile:
    'M17.5 10a7.5 7.5 0 1 1-15 0 7.5 7.5 0 0 1 15 0M6.8 11.8a3.6 3.6 0 0 0 6.4 0M7.4 7.8v.1M12.6 7.8v.1',
  sun: 'M13.5 10a3.5 3.5 0 1 1-7 0 3.5 3.5 0 0 1 7 0M10 1.5v2M10 16.5v2M1.5 10h2M16.5 10h2M4 4l1.4 1.4M14.6 14.6 16 16M4 16l1.4-1.4M14.6 5.4 16 4',
  verified: 'M10 2l6.5 2.5V9c0 4.5-2.7 7.5-6.5 9-3.8-1.5-6.5-4.5-6.5-9V4.5zM6.8 9.8l2.3 2.5 4.2-5',
  system: 'M2.5 4h15v9.5h-15zM7 17h6M10 13.5V17',
  trash: 'M3.5 5.5h13M8 5.5v-2h4v2M5.5 5.5l.8 11h7.4l.8-11M8.5 8.5v5M11.5 8.5v5',
} as const;

export type IconName = keyof typeof PATHS;

export const ICON_NAMES = Object.keys(PATHS) as readonly IconName[];

export function Icon({ name, className = 'size-5' }: { name: IconName; className?: string }) {
  return (
    <svg
      viewBox="0 0 20 20"
      aria-hidden="true"
      className={`shrink-0 ${className}`}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

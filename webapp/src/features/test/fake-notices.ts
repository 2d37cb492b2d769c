/** Notices that are written down and shown to nobody. */
import type { NoticeState } from '../../app/model.ts';

export type FakeNotices = ReturnType<typeof fakeNotices>;

export function fakeNotices(state: NoticeState = 'on') {
  const notices = {
    is: state,
    /** What is in sight of the system. */
    shown: [] as string[],
    state: () => notices.is,
    turn: async (on: boolean) => {
      notices.is = on ? 'on' : 'off';
      return notices.is;
    },
    show: (_: string, words: string) => void notices.shown.push(words),
    withdraw: () => void notices.shown.splice(0),
  };
  return notices;
}

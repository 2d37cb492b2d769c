/**
 * The system's notices, where the person allowed them to this page. The permission is kept by the
 * browser, the choice to use it here. What a notice says is the caller's.
 */

export type NoticeState =
  | 'off'
  | 'on'
  /** The person has forbidden it to this page, in the browser itself. */
  | 'refused'
  /** This browser cannot. */
  | 'unsupported';

export type Notices = {
  state(): NoticeState;
  /** Asks the person for permission if need be. */
  turn(on: boolean): Promise<NoticeState>;
  /** In place of the one before; nothing unless on. */
  show(title: string, words: string): void;
  withdraw(): void;
};

const KEPT_AS = 'dhchat.notices';
/** By this a newer notice takes the place of the one before. */
const TAG = 'dhchat';

export function browserNotices(): Notices {
  let shown: Notification | null = null;
  let failed = false;

  const state = (): NoticeState => {
    if (failed || !('Notification' in globalThis)) return 'unsupported';
    if (Notification.permission === 'denied') return 'refused';
    return Notification.permission === 'granted' && isWanted() ? 'on' : 'off';
  };

  const withdraw = () => {
    shown?.close();
    shown = null;
  };

  const show = (title: string, words: string) => {
    if (state() !== 'on') return;
    try {
      shown = new Notification(title, { body: words, tag: TAG, icon: '/favicon.svg' });
      shown.onclick = () => {
        window.focus();
        withdraw();
      };
    } catch {
      // Some browsers have the name and let no page make one.
      failed = true;
    }
  };

  const turn = async (on: boolean) => {
    want(on);
    if (!on) withdraw();
    else if (state() === 'off') await Notification.requestPermission();
    return state();
  };

  return { state, turn, show, withdraw };
}

/** Storage may be forbidden; then there are no notices after a reload. */
function isWanted(): boolean {
  try {
    return localStorage.getItem(KEPT_AS) !== null;
  } catch {
    return false;
  }
}

function want(on: boolean): void {
  try {
    if (on) localStorage.setItem(KEPT_AS, '1');
    else localStorage.removeItem(KEPT_AS);
  } catch {
    // A browser that forbids storage keeps nothing, as its user wants.
  }
}

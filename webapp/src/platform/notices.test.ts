// @vitest-environment jsdom
/** Notices of the system, as far as a browser lets a page make them. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { browserNotices } from './notices.ts';

/** The system, and what its person answers when a page asks. */
function system(permission: NotificationPermission, answer = permission) {
  const inSight: { title: string; body: string; tag: string }[] = [];
  class FakeNotification {
    static permission = permission;
    static async requestPermission() {
      FakeNotification.permission = answer;
      return answer;
    }
    onclick: (() => void) | null = null;
    readonly #said;
    constructor(title: string, { body = '', tag = '' }: NotificationOptions) {
      this.#said = { title, body, tag };
      inSight.push(this.#said);
    }
    close() {
      inSight.splice(inSight.indexOf(this.#said), 1);
    }
  }
  vi.stubGlobal('Notification', FakeNotification);
  return inSight;
}

beforeEach(() => {
  localStorage.clear();
  return () => vi.unstubAllGlobals();
});

describe('notices', () => {
  it('[UI38] are off until they are wanted, and asked for then', async () => {
    const inSight = system('default', 'granted');
    const notices = browserNotices();
    expect(notices.state()).toBe('off');
    notices.show('chat', 'too early');
    expect(inSight).toEqual([]);
    expect(await notices.turn(true)).toBe('on');
    notices.show('chat', 'hello');
    expect(inSight).toMatchObject([{ title: 'chat', body: 'hello' }]);
    notices.withdraw();
    expect(inSight).toEqual([]);
    expect(browserNotices().state()).toBe('on');
    notices.show('chat', 'again');
    expect(await notices.turn(false)).toBe('off');
    expect(inSight).toEqual([]);
    expect([browserNotices().state(), localStorage.length]).toEqual(['off', 0]);
  });

  it('[UI38] are refused, or cannot be, and that is known', async () => {
    system('default', 'denied');
    expect(await browserNotices().turn(true)).toBe('refused');
    vi.stubGlobal('Notification', undefined);
    Reflect.deleteProperty(globalThis, 'Notification');
    expect(browserNotices().state()).toBe('unsupported');
  });

  it('[UI38] that a browser leaves to service workers cannot be', async () => {
    system('granted');
    const notices = browserNotices();
    await notices.turn(true);
    class Forbidden {
      static permission = 'granted';
      constructor() {
        throw new TypeError('Illegal constructor');
      }
    }
    vi.stubGlobal('Notification', Forbidden);
    notices.show('chat', 'hello');
    expect(notices.state()).toBe('unsupported');
  });
});

/** What can be done with somebody who is listed. */
import type { AppView } from '../../app/model.ts';

type SignedIn = Extract<AppView, { at: 'signedIn' }>;

export type Standing = 'me' | 'open' | 'blocked' | 'reachable' | 'keyFirst';

export function standingOf(id: string, view: SignedIn): Standing {
  if (id === view.me.id) return 'me';
  if (view.blocked.some((person) => person.id === id)) return 'blocked';
  if (id === view.conversation?.peer.id) return 'open';
  return view.key.is === 'ready' ? 'reachable' : 'keyFirst';
}

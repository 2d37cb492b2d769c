/**
 * Who is signed in, and whether this browser holds that account's key.
 *
 *               config, no login          register, sign in
 *     starting ─────────────────▶ signedOut ◀───────────────┐
 *        │  └── no answer ─▶ unreachable    │ admitted       │ sign out,
 *        └───── admitted ─────────────▶ signedIn ────────────┘ login ended, parted
 *
 * Passwords and tokens are in no state: they pass through events and effects once.
 */
import type { Fault } from '../api.ts';
import type { ServerConfig } from '../config.ts';
import type { StoredIdentity } from '../ports.ts';
import type { UserId } from '../wire/ids.ts';

export type Me = { readonly id: UserId; readonly name: string };

/** Whether this browser holds the account's identity key. */
export type OwnKey =
  | {
      readonly is: 'ready';
      readonly identity: StoredIdentity;
      readonly fingerprint: string;
      /** There is a copy under the password that could leave this browser in a file. */
      readonly exportable: boolean;
    }
  | { readonly is: 'missing' }
  | { readonly is: 'elsewhere' }
  /** It was here, and this browser's storage has lost it. */
  | { readonly is: 'lost' }
  /** It is here under the password, which has to be given on each load. */
  | { readonly is: 'locked'; readonly fingerprint: string };

export type Publishing =
  | { readonly is: 'idle' }
  | { readonly is: 'asking' }
  | { readonly is: 'answered'; readonly value: null }
  | { readonly is: 'failed'; readonly fault: Fault };

/** For good: the account was removed, or this browser is to know nothing of it. */
export type Parted = 'deleted' | 'forgotten';

export type Credentials = { readonly name: string; readonly password: string };

export type State =
  | { readonly at: 'starting' }
  | { readonly at: 'unreachable'; readonly fault: Fault }
  | {
      readonly at: 'signedOut';
      readonly config: ServerConfig;
      readonly busy: boolean;
      readonly fault: Fault | null;
      /** What became of the account that was signed in before, once it is done. */
      readonly parted: Parted | null;
    }
  | {
      readonly at: 'signedIn';
      readonly config: ServerConfig;
      readonly me: Me;
      readonly key: OwnKey;
      readonly publishing: Publishing;
    };

export type Event =
  | { readonly type: 'restart' }
  /** Nobody is signed in. */
  | { readonly type: 'nobody'; readonly config: ServerConfig }
  | { readonly type: 'unreachable'; readonly fault: Fault }
  | {
      readonly type: 'admitted';
      readonly config: ServerConfig;
      readonly me: Me;
      readonly key: OwnKey;
    }
  | { readonly type: 'refused'; readonly fault: Fault }
  | { readonly type: 'register' | 'signIn'; readonly credentials: Credentials }
  | { readonly type: 'signOut' }
  | { readonly type: 'signedOut'; readonly fault: Fault | null; readonly parted: Parted | null }
  /** The server has removed the account, or the person wants it forgotten here. */
  | { readonly type: 'part'; readonly why: Parted }
  /** The server ended the login. */
  | { readonly type: 'loginEnded'; readonly fault: Fault }
  | { readonly type: 'publishKey'; readonly password: string }
  | { readonly type: 'keyPublished'; readonly account: UserId; readonly key: OwnKey }
  | { readonly type: 'keyRefused'; readonly account: UserId; readonly fault: Fault }
  /** The key of this account was unlocked, or came out of a file. */
  | { readonly type: 'keyFound'; readonly account: UserId; readonly key: OwnKey };

export type Effect =
  | { readonly do: 'start' }
  | {
      readonly do: 'register' | 'signIn';
      readonly credentials: Credentials;
      readonly config: ServerConfig;
    }
  | { readonly do: 'signOut' }
  | { readonly do: 'forgetToken' }
  /** Everything that this browser keeps of the account goes, and the login with it. */
  | { readonly do: 'part'; readonly account: UserId; readonly why: Parted }
  | { readonly do: 'publishKey'; readonly me: Me; readonly password: string };

type Next = readonly [State, readonly Effect[]];

export const initial: Next = [{ at: 'starting' }, [{ do: 'start' }]];

export function transition(state: State, event: Event): Next {
  switch (state.at) {
    case 'starting':
      return whileStarting(state, event);
    case 'unreachable':
      return event.type === 'restart' ? initial : [state, []];
    case 'signedOut':
      return whileSignedOut(state, event);
    case 'signedIn':
      return whileSignedIn(state, event);
  }
}

function whileStarting(state: State, event: Event): Next {
  switch (event.type) {
    case 'nobody':
      return [signedOut(event.config, null), []];
    case 'unreachable':
    case 'refused':
      return [{ at: 'unreachable', fault: event.fault }, []];
    case 'admitted':
      return [admitted(event), []];
    default:
      return [state, []];
  }
}

function whileSignedOut(state: State & { at: 'signedOut' }, event: Event): Next {
  switch (event.type) {
    case 'register':
    case 'signIn': {
      if (state.busy) return [state, []];
      const { credentials } = event;
      const effect = { do: event.type, credentials, config: state.config } as const;
      return [{ ...state, busy: true, fault: null, parted: null }, [effect]];
    }
    case 'admitted':
      return state.busy ? [admitted(event), []] : [state, []];
    case 'refused':
      return [{ ...state, busy: false, fault: event.fault }, []];
    case 'signedOut':
      return [{ ...state, busy: false, fault: event.fault, parted: event.parted }, []];
    default:
      return [state, []];
  }
}

function whileSignedIn(state: State & { at: 'signedIn' }, event: Event): Next {
  switch (event.type) {
    case 'signOut':
      return [{ ...signedOut(state.config, null), busy: true }, [{ do: 'signOut' }]];
    case 'part': {
      const effect = { do: 'part', account: state.me.id, why: event.why } as const;
      return [{ ...signedOut(state.config, null), busy: true }, [effect]];
    }
    case 'loginEnded':
      return [signedOut(state.config, event.fault), [{ do: 'forgetToken' }]];
    case 'publishKey': {
      if (state.publishing.is === 'asking' || state.key.is === 'ready') return [state, []];
      const asking = { ...state, publishing: { is: 'asking' } } as const;
      return [asking, [{ do: 'publishKey', me: state.me, password: event.password }]];
    }
    case 'keyFound':
    case 'keyPublished':
    case 'keyRefused':
      // Whoever asked may have signed out, and another person in.
      return event.account === state.me.id ? [keyed(state, event), []] : [state, []];
    default:
      return [state, []];
  }
}

function keyed(
  state: State & { at: 'signedIn' },
  event: Event & { type: 'keyFound' | 'keyPublished' | 'keyRefused' },
): State {
  switch (event.type) {
    case 'keyFound':
      return { ...state, key: event.key };
    case 'keyPublished':
      return { ...state, key: event.key, publishing: { is: 'answered', value: null } };
    case 'keyRefused':
      return { ...state, publishing: { is: 'failed', fault: event.fault } };
  }
}

function signedOut(config: ServerConfig, fault: Fault | null): State & { at: 'signedOut' } {
  return { at: 'signedOut', config, busy: false, fault, parted: null };
}

function admitted({ config, me, key }: Event & { type: 'admitted' }): State {
  return { at: 'signedIn', config, me, key, publishing: { is: 'idle' } };
}

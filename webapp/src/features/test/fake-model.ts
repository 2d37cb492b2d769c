/**
 * A model that shows what it is told to and writes down what it is asked for.
 */
import type { AppModel, AppView, Person, RecordedKind } from '../../app/model.ts';

/** What was asked for, as the name of the method and its arguments. */
export type Call = readonly [keyof AppModel, ...unknown[]];

export class FakeModel implements AppModel {
  readonly calls: Call[] = [];
  #view: AppView;
  readonly #listeners = new Set<() => void>();

  constructor(view: AppView) {
    this.#view = view;
  }

  /** Changes what is seen. */
  show(view: AppView): void {
    this.#view = view;
    for (const listener of this.#listeners) listener();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly snapshot = (): AppView => this.#view;

  readonly restart = () => this.#note('restart');
  readonly register = (name: string, password: string) => this.#note('register', name, password);
  readonly signIn = (name: string, password: string) => this.#note('signIn', name, password);
  readonly signOut = () => this.#note('signOut');
  readonly forgetDevice = () => this.#note('forgetDevice');
  readonly lookAtDevices = () => this.#note('lookAtDevices');
  readonly endDevice = (deviceId: string) => this.#note('endDevice', deviceId);
  readonly changePassword = (old: string, password: string) =>
    this.#note('changePassword', old, password);
  readonly deleteAccount = (password: string) => this.#note('deleteAccount', password);
  readonly putAccountAway = () => this.#note('putAccountAway');
  readonly clearRecent = () => this.#note('clearRecent');
  readonly block = (person: Person) => this.#note('block', person);
  readonly unblock = (personId: string) => this.#note('unblock', personId);
  readonly find = (query: string) => this.#note('find', query);
  readonly publishKey = (password: string) => this.#note('publishKey', password);
  readonly unlock = (password: string) => this.#note('unlock', password);
  readonly exportIdentity = (password: string) => this.#note('exportIdentity', password);
  readonly importIdentity = (file: Uint8Array<ArrayBuffer>, password: string) =>
    this.#note('importIdentity', file, password);
  readonly exportPeers = (password: string) => this.#note('exportPeers', password);
  readonly importPeers = (file: Uint8Array<ArrayBuffer>, password: string) =>
    this.#note('importPeers', file, password);
  readonly putAway = () => this.#note('putAway');
  readonly open = (person: Person) => this.#note('open', person);
  readonly accept = (personId: string) => this.#note('accept', personId);
  readonly decline = (personId: string) => this.#note('decline', personId);
  readonly leave = () => this.#note('leave');
  readonly retry = () => this.#note('retry');
  readonly acceptKey = () => this.#note('acceptKey');
  readonly confirmPeer = (fingerprint: string) => this.#note('confirmPeer', fingerprint);
  readonly scanned = (text: string) => this.#note('scanned', text);
  readonly say = (text: string, replyTo?: string) =>
    replyTo === undefined ? this.#note('say', text) : this.#note('say', text, replyTo);
  readonly edit = (lineId: string, text: string) => this.#note('edit', lineId, text);
  readonly deleteLine = (lineId: string) => this.#note('deleteLine', lineId);
  readonly hideLine = (lineId: string) => this.#note('hideLine', lineId);
  readonly react = (lineId: string, emoji: string | null) => this.#note('react', lineId, emoji);
  readonly sendFile: AppModel['sendFile'] = (...given) => this.#note('sendFile', ...given);
  readonly acceptFile = (id: number) => this.#note('acceptFile', id);
  readonly pauseFile = (id: number) => this.#note('pauseFile', id);
  readonly resumeFile = (id: number) => this.#note('resumeFile', id);
  readonly cancelFile = (id: number) => this.#note('cancelFile', id);
  readonly fileSeen = (id: number) => this.#note('fileSeen', id);
  readonly sendFileAgain = (id: number) => this.#note('sendFileAgain', id);
  /** What can be read, by transfer. */
  readonly files = new Map<number, Uint8Array<ArrayBuffer>>();
  readonly readFile = async (id: number, from: number, to: number) => {
    const file = this.files.get(id);
    return file === undefined || to > file.length ? null : file.slice(from, to);
  };
  readonly typing = (on: boolean) => this.#note('typing', on);
  readonly recording = (what: RecordedKind | null) => this.#note('recording', what);
  readonly seen = (lineId: string) => this.#note('seen', lineId);
  readonly useHere = () => this.#note('useHere');

  #note(...call: Call): void {
    this.calls.push(call);
  }
}

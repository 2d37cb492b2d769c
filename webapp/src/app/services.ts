/** Joins the drivers into the one model that the screens draw. The only place that knows all. */

import { Account } from '../core/auth/driver.ts';
import type { State as AccountState, OwnKey } from '../core/auth/machine.ts';
import type { Bytes } from '../core/bytes.ts';
import type { Suite } from '../core/crypto/suite/suite.ts';
import type { State as LinkState } from '../core/link/machine.ts';
import { Observable } from '../core/observable.ts';
import type { RecordedKind } from '../core/recording/kind.ts';
import type { SendAs } from '../core/transfer/transfers.ts';
import type { FrameId } from '../core/wire/ids.ts';
import { parseUserId } from '../core/wire/ids.ts';
import { blobSource } from '../platform/files.ts';
import { comparisonOf } from './comparison.ts';
import type { AppModel, AppView, ConversationView, KeyState, LinkView } from './model.ts';
import type { Platform } from './platform.ts';
import { Scanning, sidesOf } from './scanning.ts';
import { personOf, type Settings, SignedIn } from './signed-in.ts';

/** The model on any world: a worker's, or a test's own. */
export class Services implements AppModel {
  readonly #platform: Platform;
  readonly #settings: Settings;
  readonly #view = new Observable<AppView>({ at: 'starting' });
  readonly #scanning = new Scanning();
  #account: Account | null = null;
  #signedIn: SignedIn | null = null;

  constructor(platform: Platform, settings: Settings = { plainLabels: false }) {
    this.#platform = platform;
    this.#settings = settings;
    void this.#begin();
  }

  subscribe = (listener: () => void) => this.#view.subscribe(listener);

  snapshot = () => this.#view.value;

  restart = () => this.#account?.restart();

  register = (name: string, password: string) => this.#account?.register({ name, password });

  signIn = (name: string, password: string) => this.#account?.signIn({ name, password });

  /** The goodbye goes first: after it the link is gone. */
  signOut = () => {
    void this.#signedIn?.leave().then(() => this.#account?.signOut());
  };

  forgetDevice = () => {
    void this.#signedIn?.leave().then(() => this.#account?.part('forgotten'));
  };

  lookAtDevices = () => void this.#signedIn?.accountDesk.look();

  endDevice = (deviceId: string) => this.#signedIn?.accountDesk.endDevice(deviceId);

  changePassword = (old: string, password: string) =>
    this.#signedIn?.accountDesk.changePassword(old, password);

  deleteAccount = (password: string) => this.#signedIn?.accountDesk.deleteAccount(password);

  putAccountAway = () => this.#signedIn?.accountDesk.putAway();

  find = (query: string) => void this.#signedIn?.search.find(query);

  clearRecent = () => this.#signedIn?.clearRecent();

  block = (person: { id: string; name: string }) => {
    const known = personOf(person);
    if (known !== null) this.#signedIn?.block(known);
  };

  unblock = (personId: string) => {
    const id = parseUserId(personId);
    if (id !== null) this.#signedIn?.unblock(id);
  };

  publishKey = (password: string) => this.#account?.publishKey(password);

  unlock = (password: string) => this.#signedIn?.desk.unlock(password);

  exportIdentity = (password: string) => this.#signedIn?.desk.exportIdentity(password);

  importIdentity = (file: Bytes, password: string) =>
    this.#signedIn?.desk.importIdentity(file, password);

  exportPeers = (password: string) => this.#signedIn?.desk.exportPeers(password);

  importPeers = (file: Bytes, password: string) => this.#signedIn?.desk.importPeers(file, password);

  putAway = () => this.#signedIn?.desk.putAway();

  open = (person: { id: string; name: string }) => {
    const known = personOf(person);
    if (known !== null) this.#signedIn?.open(known);
  };

  accept = (personId: string) => {
    const id = parseUserId(personId);
    if (id !== null) this.#signedIn?.accept(id);
  };

  decline = (personId: string) => {
    const id = parseUserId(personId);
    if (id !== null) this.#signedIn?.doorbell.decline(id);
  };

  leave = () => void this.#signedIn?.leave();

  retry = () => this.#signedIn?.retry();

  acceptKey = () => this.#signedIn?.conversation?.acceptKey();

  confirmPeer = (fingerprint: string) => {
    const conversation = this.#signedIn?.conversation ?? null;
    if (conversation !== null) this.#scanning.confirm(conversation, fingerprint);
  };

  scanned = (text: string) => {
    const conversation = this.#signedIn?.conversation ?? null;
    const account = this.#account?.state;
    if (conversation === null || account === undefined) return;
    const sides = sidesOf(conversation, account);
    if (sides === null) return;
    this.#scanning.scanned(conversation, sides, text);
    this.#draw();
  };

  // Ids of lines come from our own view; one that is not there changes nothing.
  say = (text: string, replyTo?: string) =>
    this.#signedIn?.conversation?.say(text, (replyTo as FrameId | undefined) ?? null);

  edit = (lineId: string, text: string) =>
    this.#signedIn?.conversation?.edit(lineId as FrameId, text);

  deleteLine = (lineId: string) => this.#signedIn?.conversation?.deleteLine(lineId as FrameId);

  hideLine = (lineId: string) => this.#signedIn?.conversation?.hideLine(lineId as FrameId);

  react = (lineId: string, emoji: string | null) =>
    this.#signedIn?.conversation?.react(lineId as FrameId, emoji);

  typing = (on: boolean) => this.#signedIn?.conversation?.typing(on);

  recording = (what: RecordedKind | null) => this.#signedIn?.conversation?.recording(what);

  sendFile = (file: Blob, name: string, as: SendAs) =>
    void this.#signedIn?.conversation?.transfers?.send(blobSource(file, name), as);

  acceptFile = (id: number) => this.#signedIn?.conversation?.transfers?.accept(id);

  pauseFile = (id: number) => this.#signedIn?.conversation?.transfers?.pause(id);

  resumeFile = (id: number) => this.#signedIn?.conversation?.transfers?.resume(id);

  cancelFile = (id: number) => this.#signedIn?.conversation?.transfers?.cancel(id);

  fileSeen = (id: number) => this.#signedIn?.conversation?.transfers?.markRead(id);

  sendFileAgain = (id: number) => this.#signedIn?.conversation?.transfers?.sendAgain(id);

  readFile = async (id: number, from: number, to: number) =>
    (await this.#signedIn?.conversation?.transfers?.read(id, from, to)) ?? null;

  seen = (lineId: string) => this.#signedIn?.conversation?.seen(lineId as FrameId);

  useHere = () => void this.#signedIn?.useHere();

  async #begin(): Promise<void> {
    const why = await this.#platform.unsupported();
    if (why !== null) {
      this.#view.set({ at: 'unsupported', why });
      return;
    }
    const suite = await this.#platform.suite();
    const holding = await this.#platform.holding(suite.report);
    const account = new Account({ ...this.#platform, ...suite, holding });
    this.#account = account;
    account.subscribe(() => this.#accountChanged(account, suite));
  }

  #accountChanged(account: Account, suite: Suite): void {
    const { state } = account;
    if (state.at !== 'signedIn') {
      void this.#signedIn?.stop();
      this.#signedIn = null;
      // Also of an account whose login ended while no page was open.
      if (state.at === 'signedOut') this.#platform.people.clear('recent').catch(() => {});
    } else if (this.#signedIn === null) {
      const { me, config } = state;
      const changed = () => this.#draw();
      const settings = this.#settings;
      const world = { ...this.#platform, ...suite };
      this.#signedIn = new SignedIn(world, account, { me, config, settings, changed });
      void this.#signedIn.start();
    }
    this.#draw();
  }

  #draw(): void {
    const account = this.#account?.state;
    if (account === undefined) return;
    this.#view.set(viewOf(account, this.#signedIn, this.#scanning));
  }
}

function viewOf(account: AccountState, signedIn: SignedIn | null, scanning: Scanning): AppView {
  switch (account.at) {
    case 'starting':
      return { at: 'starting' };
    case 'unreachable':
      return { at: 'unreachable', fault: account.fault };
    case 'signedOut': {
      const { busy, fault, parted, config } = account;
      return { at: 'signedOut', busy, fault, parted, limits: config.limits };
    }
    case 'signedIn':
      if (signedIn === null) return { at: 'starting' };
      return {
        at: 'signedIn',
        me: account.me,
        key: keyOf(account.key),
        publishing: account.publishing,
        keyWork: signedIn.desk.work,
        devices: signedIn.accountDesk.devices,
        accountWork: signedIn.accountDesk.work,
        limits: account.config.limits,
        byLibrary: signedIn.byLibrary,
        link: linkOf(signedIn.link.state),
        search: signedIn.search.state,
        recent: signedIn.people.recent,
        blocked: signedIn.people.blocked,
        verified: signedIn.pins.verifiedPeers,
        presence: signedIn.presences.known,
        incoming: signedIn.doorbell.rings.map(({ person }) => person),
        conversation: conversationOf(signedIn, account, scanning),
      };
  }
}

function keyOf(key: OwnKey): KeyState {
  if (key.is !== 'ready') return key;
  const { is, fingerprint, exportable } = key;
  return { is, fingerprint, exportable };
}

function linkOf(state: LinkState): LinkView {
  switch (state.at) {
    case 'online':
      return { is: 'online' };
    case 'superseded':
      return { is: 'superseded' };
    case 'waiting':
      return { is: 'reconnecting', nextTryInMs: state.delayMs };
    case 'idle':
      return { is: 'connecting' };
    case 'fetching':
    case 'opening':
    case 'authenticating':
      return state.failures === 0 ? { is: 'connecting' } : { is: 'reconnecting', nextTryInMs: 0 };
  }
}

function conversationOf(
  { conversation, pins }: SignedIn,
  account: AccountState & { at: 'signedIn' },
  scanning: Scanning,
): ConversationView | null {
  if (conversation === null || conversation.phase === null) return null;
  const { peer, phase } = conversation;
  const keyHistory = pins.historyOf(peer.id);
  const sides = sidesOf(conversation, account);
  if (phase.is !== 'secure' || sides === null) {
    return { peer, phase, keyHistory, comparison: null };
  }
  const scan = scanning.of(conversation, account.me.id);
  return { peer, phase, keyHistory, comparison: comparisonOf(phase, sides, scan) };
}

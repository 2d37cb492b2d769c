/**
 * A browser without an account or screens: a real link, a real conversation and its farewells, on
 * a network that takes time. As little around them as `app/signed-in.ts` has.
 */
import { good } from '../core/api.ts';
import { toBase64 } from '../core/bytes.ts';
import { Conversation } from '../core/conversation/driver.ts';
import { isOffer } from '../core/conversation/establishing.ts';
import { Farewells } from '../core/conversation/farewells.ts';
import type { Call } from '../core/conversation/machine.ts';
import type { Phase } from '../core/conversation/phase.ts';
import { signerOf, toSpki } from '../core/crypto/identity.ts';
import type { Primitives } from '../core/crypto/suite/primitives.ts';
import { Directory } from '../core/directory/directory.ts';
import { Link } from '../core/link/driver.ts';
import type { Clock, Http, Random, StoredIdentity } from '../core/ports.ts';
import { LIMITS } from '../core/transfer/header.ts';
import { Pins } from '../core/trust/pins.ts';
import type { ServerFrame } from '../core/wire/frames.ts';
import { parseUserId, type UserId } from '../core/wire/ids.ts';
import { DEPLOYMENT } from './builders.ts';
import type { Way } from './lagging-network.ts';
import { memoryPins } from './memory-vault.ts';
import type { TestServer } from './test-server.ts';

/** Nobody sends files here. */
const NO_FILES = {
  sinks: { open: () => Promise.reject(new Error('no files')) },
  limits: LIMITS,
  accepts: () => false,
};

export type Habitat = {
  readonly clock: Clock;
  readonly random: Random;
  readonly server: TestServer;
  readonly primitives: Primitives;
  readonly way: Way;
  readonly resumeWindowMs: number;
};

export class SimulatedBrowser {
  readonly id: UserId;
  readonly link: Link;
  conversation: Conversation | null = null;
  /** Called when what can be seen may have changed. */
  changed: () => void = () => {};
  readonly #habitat: Habitat;
  readonly #identity: StoredIdentity;
  readonly #directory: Directory;
  readonly #pins: Pins;
  readonly #farewells: Farewells;

  private constructor(
    habitat: Habitat,
    { id, token, http }: { id: UserId; token: string; http: Http },
    identity: StoredIdentity,
  ) {
    const { way, server } = habitat;
    this.id = id;
    this.#habitat = habitat;
    this.#identity = identity;
    this.#pins = new Pins(memoryPins(), id, habitat.clock);
    this.#directory = new Directory(async (request, parse) => {
      const answer = await http.send({ ...request, token });
      const value = answer.is === 'answered' ? parse(answer.body) : null;
      if (value === null) throw new Error(`the server does not answer ${request.path}`);
      return good(value);
    });
    const tokens = { accessToken: async () => good(token), renewedToken: async () => good(token) };
    this.link = new Link({
      ...habitat,
      tokens,
      sockets: way.sockets(server.listener()),
      visibility: { visible: () => true, watch: () => () => {} },
    });
    this.#farewells = new Farewells({ ...habitat, link: this.link });
    this.link.hear((frame) => this.#hear(frame));
    this.link.hurryWhile(() => this.phase?.is === 'secure');
    this.link.start();
  }

  static async named(name: string, habitat: Habitat): Promise<SimulatedBrowser> {
    const { random, server, primitives } = habitat;
    const seed = random.bytes(32);
    const publicKey = await primitives.ed25519.publicKeyOf(seed);
    const http = server.browser();
    const body = { username: name, identity_pub_key: toBase64(toSpki(publicKey)) };
    const answer = await http.send({ method: 'POST', path: '/api/auth/register', body });
    const token = answer.is === 'answered' ? (answer.body as { token: string }).token : '';
    const account = [...server.users.values()].find((user) => user.name === name);
    const id = account && parseUserId(account.id);
    if (!id) throw new Error('whoever registers has an account');
    const identity = { publicKey, signingKey: { is: 'seed', seed } } as const;
    return new SimulatedBrowser(habitat, { id, token, http }, identity);
  }

  get phase(): Phase | null {
    return this.conversation?.phase ?? null;
  }

  ring(peer: UserId): void {
    this.#converse(peer, { is: 'ring' });
  }

  /** Nothing that happens here is heard of again. */
  stop(): void {
    this.changed = () => {};
    this.#farewells.clear();
    this.link.stop();
  }

  #converse(peer: UserId, call: Call): void {
    const { primitives } = this.#habitat;
    const self = { id: this.id, signer: signerOf(primitives, this.#identity) };
    const conversation = new Conversation(
      {
        ...this.#habitat,
        link: this.link,
        directory: this.#directory,
        pins: this.#pins,
        deployment: DEPLOYMENT,
        self,
        labels: 'own',
        files: NO_FILES,
        part: (farewell) => this.#farewells.say(peer, farewell),
        ring: () => {},
      },
      { id: peer, name: 'peer' },
      call,
    );
    this.conversation = conversation;
    conversation.subscribe(() => this.changed());
  }

  #hear(frame: ServerFrame): void {
    const { conversation } = this;
    if (frame.type === 'peer') {
      if (this.phase?.is !== 'secure') this.#farewells.hear(frame);
      if (conversation === null && isOffer(frame)) {
        this.#converse(frame.peer, { is: 'answer', m1: frame });
        return;
      }
    }
    conversation?.hear(frame);
  }
}

/** The people of this server: found by name, looked up by id, and their public keys. */
import { fieldsOf, good, type Parse, type Result } from '../api.ts';
import { type Bytes, fromBase64 } from '../bytes.ts';
import { fromSpki } from '../crypto/identity.ts';
import type { HttpRequest } from '../ports.ts';
import type { Code } from '../wire/generated.ts';
import { parseUserId, type UserId } from '../wire/ids.ts';

export type Person = { readonly id: UserId; readonly name: string };

/** Asks the server as the person who is signed in. */
export type Ask = <T>(request: HttpRequest, parse: Parse<T>) => Promise<Result<T>>;

const NO_KEY: Code = 'IDENTITY_KEY_NOT_FOUND';

export class Directory {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** People whose name has this in it. */
  find(query: string): Promise<Result<readonly Person[]>> {
    const path = `/api/chat/users?username=${encodeURIComponent(query)}`;
    return this.#ask({ method: 'GET', path }, parsePeople);
  }

  who(id: UserId): Promise<Result<Person>> {
    return this.#ask({ method: 'GET', path: `/api/chat/users/${id}` }, parsePerson);
  }

  /** A person's raw Ed25519 key; `null` if there is none, or one that this client cannot use. */
  async keyOf(id: UserId): Promise<Result<Bytes | null>> {
    const path = `/api/identity/users/${id}/key`;
    const spki = await this.#ask({ method: 'GET', path }, parseSpki);
    if (spki.ok) return good(fromSpki(spki.value));
    return spki.fault.code === NO_KEY ? good(null) : spki;
  }
}

function parsePeople(body: unknown): readonly Person[] | null {
  if (!Array.isArray(body)) return null;
  const people = body.map(parsePerson);
  return people.every((person) => person !== null) ? people : null;
}

function parsePerson(body: unknown): Person | null {
  const { id, username } = fieldsOf(body);
  const userId = typeof id === 'string' ? parseUserId(id) : null;
  return userId !== null && typeof username === 'string' ? { id: userId, name: username } : null;
}

function parseSpki(body: unknown): Bytes | null {
  const { public_key } = fieldsOf(body);
  return typeof public_key === 'string' ? fromBase64(public_key) : null;
}

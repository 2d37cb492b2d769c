/**
 * What an access token says of itself. Only the server judges tokens; this tells which account a
 * cookie has become that another page of this browser may have replaced.
 */
import { fieldsOf } from '../api.ts';
import { fromBase64 } from '../bytes.ts';
import { parseUserId, type UserId } from '../wire/ids.ts';

/** Whose it is; `null` if that cannot be read. */
export function holderOf(token: string): UserId | null {
  const claims = token.split('.')[1] ?? '';
  const bytes = fromBase64(claims.replaceAll('-', '+').replaceAll('_', '/'));
  const { sub } = fieldsOf(parsed(bytes === null ? '' : new TextDecoder().decode(bytes)));
  return typeof sub === 'string' ? parseUserId(sub) : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

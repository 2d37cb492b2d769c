/** What came of a request to the server: a value of the expected shape, or a fault. */
import type { HttpAnswer } from './ports.ts';
import type { Code } from './wire/generated.ts';

/** What an answer of no known shape is to a person, and a browser that cannot keep a key. */
export const BROKEN: Code = 'INTERNAL_ERROR';

/** What went wrong, as a code of the server, or `NETWORK`, or `TIMEOUT`. */
export type Fault = { readonly code: string; readonly traceId: string | null };

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: Fault };

export function good<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function bad(fault: Fault): { readonly ok: false; readonly fault: Fault } {
  return { ok: false, fault };
}

/** Reads a body; `null` means that it has not the expected shape. */
export type Parse<T> = (body: unknown) => T | null;

export function resultOf<T>(answer: HttpAnswer, parse: Parse<T>): Result<T> {
  if (answer.is === 'failed') return bad({ code: answer.code, traceId: null });
  const { status, body, traceId } = answer;
  if (status < 200 || status > 299) return bad(faultOf(body, traceId));
  const value = parse(body);
  return value === null ? bad({ code: BROKEN, traceId }) : good(value);
}

/** For answers whose body says nothing. */
export function nothing(): true {
  return true;
}

/** The named fields of a JSON object, all unchecked; none of anything else. */
export function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
}

function faultOf(body: unknown, header: string | null): Fault {
  const { code, trace_id } = fieldsOf(body);
  return {
    code: typeof code === 'string' ? code : BROKEN,
    traceId: typeof trace_id === 'string' ? trace_id : header,
  };
}

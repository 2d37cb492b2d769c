/** Requests to this page's own server; every outcome is an answer, nothing is thrown. */
import type { Http, HttpAnswer, HttpRequest } from '../core/ports.ts';

/** Longer than the slowest honest answer: a password hash on a busy server. */
const ANSWER_WAIT_MS = 20_000;

export const browserHttp: Http = {
  async send(request: HttpRequest): Promise<HttpAnswer> {
    try {
      const response = await fetch(request.path, {
        method: request.method,
        headers: headersOf(request),
        body: request.body === undefined ? null : JSON.stringify(request.body),
        credentials: 'same-origin',
        cache: 'no-store',
        signal: AbortSignal.timeout(ANSWER_WAIT_MS),
      });
      return {
        is: 'answered',
        status: response.status,
        body: parsed(await response.text()),
        traceId: response.headers.get('X-Trace-ID'),
      };
    } catch (error) {
      const late = error instanceof DOMException && error.name === 'TimeoutError';
      return { is: 'failed', code: late ? 'TIMEOUT' : 'NETWORK' };
    }
  },
};

function headersOf({ token, body }: HttpRequest): Record<string, string> {
  return {
    ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

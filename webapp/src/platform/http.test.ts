/** Requests over a real server on loopback. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { browserHttp } from './http.ts';

let server: Server;
let asked: { method: string | undefined; headers: IncomingMessage['headers']; body: string };

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      asked = { method: request.method, headers: request.headers, body };
      response.setHeader('X-Trace-ID', 'trace-7');
      response.statusCode = request.url === '/empty' ? 204 : 200;
      response.end(request.url === '/html' ? '<p>' : request.url === '/empty' ? '' : '{"a":1}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(() => {
  server.close();
});

beforeEach(() => {
  const { port } = server.address() as AddressInfo;
  const real = fetch;
  vi.stubGlobal('fetch', (path: string, init: RequestInit) =>
    real(`http://127.0.0.1:${port}${path}`, init),
  );
  return () => vi.unstubAllGlobals();
});

describe('a request', () => {
  it('[HTTP1] carries the token and a JSON body, and reads a JSON answer', async () => {
    const request = { method: 'POST', path: '/x', token: 'jwt', body: { b: 2 } } as const;
    expect(await browserHttp.send(request)).toEqual({
      is: 'answered',
      status: 200,
      body: { a: 1 },
      traceId: 'trace-7',
    });
    expect(asked.method).toBe('POST');
    expect(asked.body).toBe('{"b":2}');
    expect(asked.headers.authorization).toBe('Bearer jwt');
    expect(asked.headers['content-type']).toBe('application/json');
  });

  it('[HTTP1] without a token or a body says neither', async () => {
    await browserHttp.send({ method: 'POST', path: '/x' });
    expect(asked.headers.authorization).toBeUndefined();
    expect(asked.headers['content-type']).toBeUndefined();
    expect(asked.body).toBe('');
  });

  it('[HTTP2] never rejects: an answer without JSON, and no answer, are outcomes', async () => {
    for (const path of ['/html', '/empty']) {
      expect(await browserHttp.send({ method: 'GET', path })).toMatchObject({ body: null });
    }
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no route')));
    const lost = await browserHttp.send({ method: 'GET', path: '/x' });
    expect(lost).toEqual({ is: 'failed', code: 'NETWORK' });
    vi.stubGlobal('fetch', () => Promise.reject(new DOMException('late', 'TimeoutError')));
    const late = await browserHttp.send({ method: 'GET', path: '/x' });
    expect(late).toEqual({ is: 'failed', code: 'TIMEOUT' });
  });
});

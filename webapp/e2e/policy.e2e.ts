/**
 * The policy that the served page comes with, directive by directive: nothing but its own files,
 * nothing inline, no text that becomes script. Against a running server.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { baseUrls } from './person.ts';

const POLICY = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' data: blob:",
  'font-src': "'self'",
  'media-src': "'self' blob:",
  'connect-src': "'self'",
  'worker-src': "'self'",
  'manifest-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'self'",
  'frame-ancestors': "'none'",
  'require-trusted-types-for': "'script'",
  'trusted-types': 'dhchat-worker',
};

const HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

describe('the served page', () => {
  it('comes with a policy that allows its own files and nothing else', async () => {
    for (const { headers } of await served()) {
      const policy = headers.get('content-security-policy') ?? '';
      const directives = policy.split('; ').map((directive) => {
        const [name = '', ...values] = directive.split(' ');
        return [name, values.join(' ')] as const;
      });
      assert.deepEqual(Object.fromEntries(directives), POLICY);
      for (const [name, value] of Object.entries(HEADERS)) assert.equal(headers.get(name), value);
    }
  });

  it('has no script, style or handler of its own, and names no other host', async () => {
    const [page] = await served();
    const html = (await page?.text()) ?? '';
    assert.doesNotMatch(html, /<style|<script(?![^>]* src=)|\son\w+=|\sstyle=|javascript:/i);
    for (const [, address = ''] of html.matchAll(/\s(?:src|href)="([^"]*)"/g)) {
      assert.match(address, /^\//);
    }
  });
});

/** The page, its worker and its manifest: a worker obeys the policy of its own answer. */
async function served(): Promise<Response[]> {
  const page = await fetch(baseUrls[0] ?? '');
  const html = await page.clone().text();
  const main = /src="(\/assets\/[^"]+\.js)"/.exec(html)?.[1] ?? '';
  const script = await (await fetch(new URL(main, baseUrls[0]))).text();
  const worker = /\/assets\/worker-[\w-]+\.js/.exec(script)?.[0] ?? '';
  assert.ok(worker !== '', 'the page names its worker');
  const others = [worker, '/manifest.webmanifest'].map((path) => fetch(new URL(path, baseUrls[0])));
  return [page, ...(await Promise.all(others))];
}

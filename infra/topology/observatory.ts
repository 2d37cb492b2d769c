/**
 * What pages are served with, in the words of two judges who know nothing of this house: MDN's HTTP
 * Observatory examines the host as it examines any other, and Google's CSP Evaluator reads the policy of
 * each kind of answer. Scores and findings are theirs; here stands what must come of them.
 *
 * `BASE_URL` is where the proxy speaks TLS, `PLAIN_PORT` where it does not, `OBSERVATORY` the folder of
 * the judges. The host is asked at the ports 80 and 443, because the Observatory knows no others: they
 * are led to where this proxy listens. Its certificate must be believed (`NODE_EXTRA_CA_CERTS`).
 */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const { BASE_URL = 'https://localhost', PLAIN_PORT = '80', OBSERVATORY = '.' } = process.env;
/** An A+, and nothing that is made up for by something else. */
const SCORE_MIN = 100;
/** The page, what is no page, an answer for programs, and one that is refused. */
const PATHS = ['/', '/nobody-is-here', '/api/openapi.json', '/api/chat/me'];

type Verdict = { readonly pass: boolean; readonly result: string; readonly scoreModifier: number };
type Examined = {
  readonly scan: { readonly grade: string; readonly score: number; readonly statusCode: number };
  readonly tests: Readonly<Record<string, Verdict>>;
};
type Observatory = { scan(host: string): Promise<Examined> };

type Finding = { readonly severity: number; readonly directive: string; description: string };
type Evaluator = {
  readonly CspEvaluator: new (policy: unknown) => { evaluate(): readonly Finding[] };
};
type Parser = { readonly CspParser: new (policy: string) => { readonly csp: unknown } };
type Words = { readonly Severity: Readonly<Record<string, number | string>> };

const judges = createRequire(join(OBSERVATORY, 'package.json'));
const load = (name: string): Promise<unknown> => import(pathToFileURL(judges.resolve(name)).href);

/** Whoever connects to one of these ports comes out at another. */
function lead(ports: ReadonlyMap<number, number>): void {
  const connect = Socket.prototype.connect as (this: Socket, ...given: unknown[]) => Socket;
  function led(this: Socket, ...given: unknown[]): Socket {
    const options = [given[0]].flat()[0];
    if (typeof options === 'object' && options !== null && 'port' in options) {
      options.port = ports.get(Number(options.port)) ?? options.port;
    }
    return connect.apply(this, given);
  }
  Socket.prototype.connect = led as typeof Socket.prototype.connect;
}

async function examine(host: string): Promise<string> {
  const { scan } = (await load('@mdn/mdn-http-observatory')) as Observatory;
  const { scan: found, tests } = await scan(host);
  const said = Object.entries(tests).map(
    ([name, one]) => `${name}: ${one.result} (${one.scoreModifier})${one.pass ? '' : ' FAILED'}`,
  );
  const judged = `Observatory: ${found.grade}, ${found.score}\n  ${said.join('\n  ')}`;
  assert.equal(found.statusCode, 200, judged);
  assert.ok(said.length > 0 && Object.values(tests).every((one) => one.pass), judged);
  assert.ok(found.score >= SCORE_MIN, judged);
  return judged;
}

async function evaluate(path: string): Promise<string> {
  const { CspParser } = (await load('csp_evaluator/dist/parser.js')) as Parser;
  const { CspEvaluator } = (await load('csp_evaluator/dist/evaluator.js')) as Evaluator;
  const { Severity } = (await load('csp_evaluator/dist/finding.js')) as Words;
  const answer = await fetch(`${BASE_URL}${path}`);
  await answer.arrayBuffer();
  const policy = answer.headers.get('content-security-policy') ?? '';
  const findings = new CspEvaluator(new CspParser(policy).csp).evaluate();
  const said = findings.map(
    (one) => `${Severity[one.severity]} ${one.directive}: ${one.description}`,
  );
  const judged = [`CSP Evaluator: ${path} (${answer.status})`, ...said].join('\n  ');
  // The smaller the number the worse: high, mistakes in writing, medium. What follows is a "perhaps".
  const bad = findings.filter((one) => one.severity <= Number(Severity['MEDIUM']));
  assert.deepEqual(bad, [], judged);
  return judged;
}

const { hostname, port } = new URL(BASE_URL);
lead(
  new Map([
    [443, Number(port || 443)],
    [80, Number(PLAIN_PORT)],
  ]),
);
// Everything is asked, so that everything is told at once.
const outcomes = await Promise.allSettled([examine(hostname), ...PATHS.map(evaluate)]);
for (const outcome of outcomes) {
  const said = outcome.status === 'fulfilled' ? outcome.value : `FAILED: ${outcome.reason}`;
  process.stdout.write(`${said}\n`);
}
process.exitCode = outcomes.every((outcome) => outcome.status === 'fulfilled') ? 0 : 1;

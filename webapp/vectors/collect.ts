/**
 * Makes the files of this folder again out of the packages that carry the published sets; which
 * ones, and how to get them, stands in the README beside. Only what the primitives of the channel
 * can answer is kept, in one shape for all sources, one vector a line.
 *
 *   node vectors/collect.ts WYCHEPROOF XWING CRYPTOGRAPHY_VECTORS KYBER_PY
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A vector as its source has it: every field that is read here is a text, a number or a list. */
type Raw = Readonly<Record<string, string>>;
type Group = { readonly tests: readonly Raw[]; readonly [key: string]: unknown };
type Vector = Readonly<Record<string, string | number | boolean | null>>;

const [wycheproofAt = '', xWingAt = '', vectorsAt = '', kyberAt = ''] = process.argv.slice(2);

function groups(name: string): readonly Group[] {
  const path = join(wycheproofAt, `src/data/${name}_test.json`);
  return (JSON.parse(readFileSync(path, 'utf8')) as { testGroups: Group[] }).testGroups;
}

function wycheproof(name: string): readonly (Raw & { readonly source: string })[] {
  return groups(name).flatMap(({ tests, ...shared }) =>
    tests.map((test) => {
      const source = `wycheproof ${name} ${test['tcId']}`;
      return { ...(shared as Raw), ...test, source };
    }),
  );
}

/** The field that opens a vector in NIST's and the RFCs' texts. */
const FIRST = ['COUNT', 'Count', 'Len'];

/** Their `KEY = value` lines, vector by vector, each with what stands in brackets above it. */
function blocks(path: string): readonly Raw[] {
  const found: Record<string, string>[] = [];
  const above: Record<string, string> = {};
  for (const line of readFileSync(join(vectorsAt, path), 'utf8').split(/\r?\n/)) {
    const [, bracket, key = '', value = ''] = /^(\[?)([\w]+)\s*=\s*([\w-]*)/.exec(line) ?? [];
    if (bracket === '[') above[key] = value;
    else if (FIRST.includes(key)) found.push({ ...above, [key]: value });
    else if (bracket === '') Object.assign(found.at(-1) ?? {}, { [key]: value });
  }
  return found;
}

function write(name: string, vectors: readonly Vector[]): void {
  const lines = vectors.map((vector) => JSON.stringify(vector)).join(',\n');
  writeFileSync(join(import.meta.dirname, `${name}.json`), `[\n${lines}\n]\n`);
}

function text(raw: Raw, key: string): string {
  const value = raw[key];
  if (value === undefined) throw new Error(`${key} is missing in ${JSON.stringify(raw)}`);
  return value;
}

const valid = (raw: Raw): boolean => text(raw, 'result') !== 'invalid';

write(
  'sha256',
  ['Short', 'Long'].flatMap((size) =>
    blocks(`hashes/SHA2/SHA256${size}Msg.rsp`)
      .filter((block) => Number(block['Len']) <= 20_000)
      .map((block) => ({
        source: `nist SHA256${size}Msg ${block['Len']}`,
        message: block['Len'] === '0' ? '' : text(block, 'Msg'),
        digest: text(block, 'MD'),
      })),
  ),
);

write('hmac', [
  ...blocks('HMAC/rfc-4231-sha256.txt').map((block, index) => ({
    // The package leaves the fifth case out: it is about truncation.
    source: `rfc4231 ${index < 4 ? index + 1 : index + 2}`,
    key: text(block, 'Key'),
    message: text(block, 'Msg'),
    mac: text(block, 'MD'),
    valid: true,
  })),
  ...wycheproof('hmac_sha256')
    .filter((raw) => Number(raw['tagSize']) === 256)
    .map((raw) => ({
      source: raw.source,
      key: text(raw, 'key'),
      message: text(raw, 'msg'),
      mac: text(raw, 'tag'),
      valid: valid(raw),
    })),
]);

write('hkdf', [
  ...blocks('KDF/rfc-5869-HKDF-SHA256.txt').map((block) => ({
    source: `rfc5869 ${block['COUNT']}`,
    input: text(block, 'IKM'),
    salt: text(block, 'salt'),
    info: text(block, 'info'),
    size: Number(block['L']),
    output: text(block, 'OKM'),
  })),
  ...wycheproof('hkdf_sha256').map((raw) => ({
    source: raw.source,
    input: text(raw, 'ikm'),
    salt: text(raw, 'salt'),
    info: text(raw, 'info'),
    size: Number(raw['size']),
    output: valid(raw) ? text(raw, 'okm') : null,
  })),
]);

write('aes-gcm', [
  ...blocks('ciphers/AES/GCM/gcmEncryptExtIV256.rsp')
    .filter((raw) => raw['IVlen'] === '96' && raw['Taglen'] === '128' && Number(raw['Count']) < 3)
    .map((raw) => ({
      source: `nist gcmEncryptExtIV256 ${raw['PTlen']} ${raw['AADlen']} ${raw['Count']}`,
      key: text(raw, 'Key'),
      nonce: text(raw, 'IV'),
      associated: text(raw, 'AAD'),
      plain: text(raw, 'PT'),
      sealed: text(raw, 'CT') + text(raw, 'Tag'),
      valid: true,
    })),
  ...wycheproof('aes_gcm')
    .filter((raw) => Number(raw['keySize']) === 256 && Number(raw['ivSize']) === 96)
    .map((raw) => ({
      source: raw.source,
      key: text(raw, 'key'),
      nonce: text(raw, 'iv'),
      associated: text(raw, 'aad'),
      plain: text(raw, 'msg'),
      sealed: text(raw, 'ct') + text(raw, 'tag'),
      valid: valid(raw),
    })),
]);

write('x25519', [
  ...blocks('asymmetric/X25519/rfc7748.txt').map((block) => ({
    source: `rfc7748 ${block['COUNT']}`,
    secret: text(block, 'INPUT_SCALAR'),
    publicKey: text(block, 'INPUT_U'),
    shared: text(block, 'OUTPUT_U'),
  })),
  ...wycheproof('x25519').map((raw) => ({
    source: raw.source,
    secret: text(raw, 'private'),
    publicKey: text(raw, 'public'),
    shared: /^0*$/.test(text(raw, 'shared')) ? null : text(raw, 'shared'),
  })),
]);

/** RFC 8032 took its first vectors from the list of Ed25519's authors; these are their lines. */
const RFC8032_LINES = [1, 2, 3, 1024];
const signInput = readFileSync(join(vectorsAt, 'asymmetric/Ed25519/sign.input'), 'utf8');

/** The last vector of RFC 8032, section 7.1, which stands in no list: the digest of `abc`. */
const RFC8032_DIGEST = {
  source: 'rfc8032 digest of abc',
  seed: '833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42',
  publicKey: 'ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf',
  message:
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
  signature:
    'dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704',
  valid: true,
};

write('ed25519', [
  RFC8032_DIGEST,
  ...signInput.split('\n').flatMap((line, index) => {
    const [secret = '', publicKey = '', message = '', signed = ''] = line.split(':');
    if (!RFC8032_LINES.includes(index + 1)) return [];
    const [seed, signature] = [secret.slice(0, 64), signed.slice(0, 128)];
    return [{ source: `rfc8032 ${index + 1}`, seed, publicKey, message, signature, valid: true }];
  }),
  ...wycheproof('ed25519').map((raw) => {
    const { pk } = raw['publicKey'] as unknown as { pk: string };
    return {
      source: raw.source,
      publicKey: pk,
      message: text(raw, 'msg'),
      signature: text(raw, 'sig'),
      valid: valid(raw),
    };
  }),
]);

function acvp(mode: string, wanted: Raw): readonly Raw[] {
  const path = join(kyberAt, `assets/ML-KEM-${mode}-FIPS203/internalProjection.json`);
  const { testGroups } = JSON.parse(readFileSync(path, 'utf8')) as { testGroups: Group[] };
  const fits = (group: Group) => Object.entries(wanted).every(([key, is]) => group[key] === is);
  return testGroups.filter(fits).flatMap((group) => group.tests);
}

const small = (hex: string): string => hex.toLowerCase();

write('ml-kem-keys', [
  ...acvp('keyGen', { parameterSet: 'ML-KEM-768' }).map((raw) => ({
    source: `acvp keyGen ${raw['tcId']}`,
    seed: small(text(raw, 'd') + text(raw, 'z')),
    publicKey: small(text(raw, 'ek')),
  })),
  ...wycheproof('mlkem_768_keygen_seed').map((raw) => ({
    source: raw.source,
    seed: text(raw, 'seed'),
    publicKey: text(raw, 'ek'),
  })),
]);

write('ml-kem-encapsulations', [
  ...acvp('encapDecap', { parameterSet: 'ML-KEM-768', function: 'encapsulation' }).map((raw) => ({
    source: `acvp encapDecap ${raw['tcId']}`,
    publicKey: small(text(raw, 'ek')),
    entropy: small(text(raw, 'm')),
    ciphertext: small(text(raw, 'c')),
    secret: small(text(raw, 'k')),
  })),
  ...wycheproof('mlkem_768_encaps').map((raw) => ({
    source: raw.source,
    publicKey: text(raw, 'ek'),
    entropy: text(raw, 'm'),
    ciphertext: valid(raw) ? text(raw, 'c') : null,
    secret: valid(raw) ? text(raw, 'K') : null,
  })),
]);

write(
  'ml-kem-decapsulations',
  wycheproof('mlkem_768')
    // A seed is our own: one of another length is a mistake here, not an answer.
    .filter((raw) => text(raw, 'seed').length === 128)
    .map((raw) => ({
      source: raw.source,
      seed: text(raw, 'seed'),
      ciphertext: text(raw, 'c'),
      secret: valid(raw) ? text(raw, 'K') : null,
    })),
);

const drafted = JSON.parse(readFileSync(join(xWingAt, 'tests/test-vectors.json'), 'utf8')) as Raw[];
write(
  'x-wing',
  drafted.map((raw, index) => ({
    source: `draft-connolly-cfrg-xwing-kem ${index + 1}`,
    seed: text(raw, 'sk'),
    entropy: text(raw, 'eseed'),
    publicKey: text(raw, 'pk'),
    ciphertext: text(raw, 'ct'),
    secret: text(raw, 'ss'),
  })),
);

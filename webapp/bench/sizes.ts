/** How much is measured: enough for steady numbers, and less where a library would take minutes. */

export type Sizes = {
  /** Single calls of which the median is taken. */
  readonly rounds: number;
  readonly handshakes: number;
  readonly records: number;
  readonly primitiveMib: number;
  /** One file, sealed and opened from end to end. */
  readonly fileMib: number;
};

export function sizesFor(provider: 'webCrypto' | 'library', fileMib: number | null): Sizes {
  return provider === 'webCrypto'
    ? {
        rounds: 200,
        handshakes: 50,
        records: 2_000,
        primitiveMib: 256,
        fileMib: fileMib ?? 1_024,
      }
    : { rounds: 50, handshakes: 20, records: 2_000, primitiveMib: 32, fileMib: fileMib ?? 128 };
}

/** The published vectors of `webapp/vectors`, as their files have them: all bytes in hexadecimal. */
import aesGcm from '../../vectors/aes-gcm.json';
import ed25519 from '../../vectors/ed25519.json';
import hkdf from '../../vectors/hkdf.json';
import hmac from '../../vectors/hmac.json';
import mlKemDecapsulations from '../../vectors/ml-kem-decapsulations.json';
import mlKemEncapsulations from '../../vectors/ml-kem-encapsulations.json';
import mlKemKeys from '../../vectors/ml-kem-keys.json';
import sha256 from '../../vectors/sha256.json';
import xWing from '../../vectors/x-wing.json';
import x25519 from '../../vectors/x25519.json';

export const vectors = {
  aesGcm,
  ed25519,
  hkdf,
  hmac,
  mlKemDecapsulations,
  mlKemEncapsulations,
  mlKemKeys,
  sha256,
  xWing,
  x25519,
};

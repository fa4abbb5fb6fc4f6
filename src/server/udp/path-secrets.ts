/** The secrets of the server's end of a UDP path. */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { TransferError } from '../../errors.js';
import { datagramCiphers, type DatagramCipher } from '../../udp-path/sealing/aead-seal.js';
import {
  KEYING_BYTES,
  KEYING_LABEL,
  SECRET_BYTES,
  type PathSecrets,
} from '../../udp-path/sealing/path-seals.js';

/** New secrets of a path: over TLS with one of the ciphers that the client has, separated by spaces. Throws ENOTSUP. */
export function newPathSecrets(stream: Socket, ciphers: string | undefined): PathSecrets {
  const secret = randomBytes(SECRET_BYTES);
  if (!(stream instanceof TLSSocket)) return { secret, isTls: false };
  const cipher = chosenCipher(ciphers);
  const keyingMaterial = stream.exportKeyingMaterial(KEYING_BYTES, KEYING_LABEL, secret);
  return { secret, isTls: true, sealing: { cipher, keyingMaterial } };
}

/** The first cipher of the client that the server has. Throws ENOTSUP if there is none: datagrams must be encrypted, too. */
function chosenCipher(names = ''): DatagramCipher {
  for (const name of names.split(' ')) {
    const cipher = datagramCiphers.find((known) => known === name);
    if (cipher) return cipher;
  }
  throw new TransferError('ENOTSUP', 'The server has none of the ciphers for datagrams.');
}

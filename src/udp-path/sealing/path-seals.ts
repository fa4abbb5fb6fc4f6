/**
 * The seals of both directions of a path. Over a control connection with TLS, datagrams are encrypted and authenticated;
 * over one in clear they have a part of the secret.
 */
import { AeadSeal, type DatagramCipher } from './aead-seal.js';
import type { DatagramSeal } from './datagram-seal.js';
import { DIRECTION_SECRET_BYTES, DirectionKeys } from './direction-keys.js';
import { TOKEN_BYTES, TokenSeal } from './token-seal.js';

/** The label for `tlsSocket.exportKeyingMaterial`. The context is the secret of the path. */
export const KEYING_LABEL = 'EXPERIMENTAL socket-ftp udp v1';

/** Bytes that the TLS connection exports: first those of the datagrams to the server, then those to the client. */
export const KEYING_BYTES = 2 * DIRECTION_SECRET_BYTES;

/** Bytes of the secret of a path. */
export const SECRET_BYTES = 16;

export interface PathSecrets {
  /** 16 random bytes that the server has sent over the control connection. */
  readonly secret: Uint8Array;
  /** Whether the control connection has TLS. */
  readonly isTls: boolean;
  /** With TLS: the negotiated cipher and the exported keying material. */
  readonly sealing?: { readonly cipher: DatagramCipher; readonly keyingMaterial: Uint8Array } | undefined;
}

export interface PathSeals {
  readonly outgoing: DatagramSeal;
  readonly incoming: DatagramSeal;
}

/** @throws RangeError - bytes of a wrong length, or TLS without a cipher */
export function pathSeals(role: 'client' | 'server', secrets: PathSecrets): PathSeals {
  const [toServer, toClient] = sealsOf(secrets);
  return role === 'client'
    ? { outgoing: toServer, incoming: toClient }
    : { outgoing: toClient, incoming: toServer };
}

function sealsOf({ secret, isTls, sealing }: PathSecrets): [toServer: DatagramSeal, toClient: DatagramSeal] {
  if (secret.length !== SECRET_BYTES) throw new RangeError(`A secret has 16 bytes, not ${secret.length}.`);
  if (!sealing) {
    if (isTls) throw new RangeError('Datagrams of a connection with TLS must be encrypted.');
    return [new TokenSeal(secret.subarray(0, TOKEN_BYTES)), new TokenSeal(secret.subarray(TOKEN_BYTES))];
  }
  const { cipher, keyingMaterial } = sealing;
  if (keyingMaterial.length !== KEYING_BYTES) {
    throw new RangeError(`The keying material has 64 bytes, not ${keyingMaterial.length}.`);
  }
  const sealWith = (start: number): DatagramSeal => {
    const directionSecret = keyingMaterial.subarray(start, start + DIRECTION_SECRET_BYTES);
    return new AeadSeal(cipher, new DirectionKeys(directionSecret, secret));
  };
  return [sealWith(0), sealWith(DIRECTION_SECRET_BYTES)];
}

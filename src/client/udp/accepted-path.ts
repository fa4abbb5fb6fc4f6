/** What `accept` says of a UDP path, checked. */
import type { TLSSocket } from 'node:tls';
import { protocolError } from '../../errors.js';
import { isHexId } from '../../protocol/fields.js';
import type { FrameOf } from '../../protocol/frames.js';
import { datagramCiphers } from '../../udp-path/sealing/aead-seal.js';
import { KEYING_BYTES, KEYING_LABEL, type PathSecrets } from '../../udp-path/sealing/path-seals.js';

export interface AcceptedPath {
  readonly port: number;
  readonly connectionId: number;
  readonly secrets: PathSecrets;
  readonly peerReceiveBuffer: number;
  /** Bytes a second that the client may send. */
  readonly maxRate: number;
}

const MAX_PORT = 65_535;
const MAX_CONNECTION_ID = 2 ** 32 - 1;

/**
 * Throws EPROTO if the frame lacks a field, or has an impossible one.
 *
 * @param tls - of a connection with TLS
 */
export function acceptedPath(frame: FrameOf<'accept'>, tls: TLSSocket | undefined): AcceptedPath {
  const {
    port = 0,
    connection = Infinity,
    secret = '',
    cipher,
    receiveBuffer = 0,
    maxRate = Infinity,
  } = frame;
  if (port < 1 || port > MAX_PORT) throw protocolError(`The server listens on the UDP port ${port}.`);
  if (connection > MAX_CONNECTION_ID) throw protocolError('The UDP path has no number of 32 bits.');
  if (!isHexId(secret)) throw protocolError('The secret of the UDP path is not 32 hexadecimal digits.');
  if ((cipher === undefined) !== (tls === undefined))
    throw protocolError('The datagrams of a UDP path must be encrypted if the connection is, and only then.');
  const bytes = Buffer.from(secret, 'hex');
  const secrets = tls ? sealed(bytes, cipher, tls) : { secret: bytes, isTls: false };
  return { port, connectionId: connection, secrets, peerReceiveBuffer: receiveBuffer, maxRate };
}

function sealed(secret: Buffer, name: string | undefined, tls: TLSSocket): PathSecrets {
  const cipher = datagramCiphers.find((known) => known === name);
  if (!cipher)
    throw protocolError(`The server has chosen the cipher ${name}, which the client does not have.`);
  const keyingMaterial = tls.exportKeyingMaterial(KEYING_BYTES, KEYING_LABEL, secret);
  return { secret, isTls: true, sealing: { cipher, keyingMaterial } };
}

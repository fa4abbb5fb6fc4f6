/**
 * The gate before a port that speaks TLS. The first byte tells who is there:
 *
 *     socket -> 22, a handshake -> tls.Server -> TLSSocket -> certificate, where one is asked for
 *            -> anything else   -> the socket as it is, to be told why it is not served
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer, type Server, type TlsOptions, type TLSSocket } from 'node:tls';
import { TransferError } from '../../errors.js';
import { fromTlsOption, TLS_HANDSHAKE, TLS_PROTOCOL } from '../../protocol/tls.js';
import { isCertificateAlert, tlsReason } from '../../session/transport/connection-error.js';
import { firstByte } from './first-byte.js';
import { peerOf } from '../peer.js';

/** What has come through the gate. */
export interface AcceptedTls {
  readonly duplex: Duplex;
  /** Why it is not served all the same. */
  readonly refusal: TransferError | undefined;
}

/** A handshake that goes on. */
interface Handshake {
  secured(socket: TLSSocket): void;
  failed(error: TransferError): void;
}

export class TlsAcceptor {
  readonly #options: TlsOptions;
  readonly #server: Server;
  /** The handshakes that go on, by the addresses of both ends. */
  readonly #handshakes = new Map<string, Handshake>();
  readonly #requiresCertificate: boolean;

  /** @throws TypeError if Node does not take the options */
  constructor(options: TlsOptions) {
    this.#requiresCertificate = options.requestCert === true && options.rejectUnauthorized !== false;
    // Node would cut off whose certificate is wrong, or missing, without a word that can be understood.
    const own = { rejectUnauthorized: false, pauseOnConnect: false };
    const ALPNProtocols = options.ALPNCallback ? undefined : [TLS_PROTOCOL];
    this.#options = { ...(ALPNProtocols && { ALPNProtocols }), ...options, ...own };
    this.#server = this.#newServer((socket) => this.#handshakes.get(addressesOf(socket) ?? ''));
  }

  /**
   * Lets a socket in. Rejects if it was lost, if its handshake has failed, or with `refusal`, why it would not be
   * served anyway: a handshake is work.
   */
  async accept(duplex: Duplex, refusal: TransferError | undefined): Promise<AcceptedTls> {
    if ((await firstByte(duplex)) !== TLS_HANDSHAKE) return { duplex, refusal: refusal ?? speaksTls() };
    if (refusal) throw refusal;
    const secured = await this.#handshake(duplex);
    const isShown = !this.#requiresCertificate || peerOf(secured).certificate !== undefined;
    return { duplex: secured, refusal: isShown ? undefined : wantsCertificate() };
  }

  #handshake(duplex: Duplex): Promise<TLSSocket> {
    return new Promise((secured, failed) => {
      if (duplex.destroyed) return failed(handshakeFailure(undefined));
      const addresses = addressesOf(duplex);
      const handshake: Handshake = { secured, failed };
      // A Unix socket has no address by which to find out whose handshake it was.
      const server = addresses === undefined ? this.#newServer(() => handshake) : this.#server;
      if (addresses !== undefined) this.#handshakes.set(addresses, handshake);
      duplex.once('close', () => {
        failed(handshakeFailure(undefined));
        if (this.#handshakes.get(addresses ?? '') === handshake) this.#handshakes.delete(addresses ?? '');
      });
      // Who ends the connection in the middle of a handshake has ended it.
      duplex.allowHalfOpen = false;
      server.emit('connection', duplex);
    });
  }

  #newServer(find: (socket: TLSSocket) => Handshake | undefined): Server {
    const server = fromTlsOption(() => createServer(this.#options));
    server.on('secureConnection', (socket) => {
      const handshake = find(socket);
      if (handshake) handshake.secured(socket);
      else socket.destroy();
    });
    server.on('tlsClientError', (error, socket) => {
      find(socket)?.failed(handshakeFailure(error));
      socket.destroy();
    });
    return server;
  }
}

/** The addresses of both ends, which no other connection has meanwhile; undefined where there are none. */
function addressesOf(duplex: Duplex): string | undefined {
  if (!(duplex instanceof Socket) || duplex.remotePort === undefined) return undefined;
  return `${duplex.remoteAddress} ${duplex.remotePort} ${duplex.localAddress}`;
}

function speaksTls(): TransferError {
  return new TransferError('EPROTO', 'This port speaks TLS: connect with tls://');
}

function wantsCertificate(): TransferError {
  return new TransferError('EAUTH', 'The server asks for a certificate of the client that it can verify.');
}

/** Why a handshake has failed, as the operator of a server is told; without an error, the client is gone. */
export function handshakeFailure(error: NodeJS.ErrnoException | undefined): TransferError {
  if (!error || error.code === 'ECONNRESET') {
    return new TransferError('ECONNRESET', 'The connection ended in the TLS handshake.', { cause: error });
  }
  if (isCertificateAlert(error)) {
    const reason = `The client does not accept the server's certificate: ${tlsReason(error)}.`;
    return new TransferError('EAUTH', reason, { cause: error });
  }
  return new TransferError('EPROTO', `The TLS handshake failed: ${tlsReason(error)}.`, { cause: error });
}

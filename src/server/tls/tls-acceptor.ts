/**
 * Accepts connections on a port with TLS. The first byte of a connection tells what the client speaks:
 *
 *     socket -> 22, a TLS handshake -> tls.Server -> TLSSocket -> certificate, if the server requires one
 *            -> anything else       -> the plain socket, to be rejected in the client's codec
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  createServer,
  type SecureContextOptions,
  type Server,
  type TlsOptions,
  type TLSSocket,
} from 'node:tls';
import { TransferError } from '../../errors.js';
import { fromTlsOption, HTTP_PROTOCOL, TLS_HANDSHAKE, TLS_PROTOCOL } from '../../protocol/tls.js';
import { isCertificateAlert, tlsReason } from '../../session/transport/connection-error.js';
import { peerOf } from '../peer.js';
import { contextIdOf } from './context-id.js';
import { changedTlsOption } from './tls-option.js';

export interface AcceptedTls {
  readonly duplex: Duplex;
  /** The error with which the server answers the client's hello. */
  readonly rejection: TransferError | undefined;
}

/** A handshake in progress. */
interface Handshake {
  resolve(socket: TLSSocket): void;
  reject(error: TransferError): void;
}

export class TlsAcceptor {
  readonly #given: TlsOptions;
  readonly #hasHttp: boolean;
  readonly #options: TlsOptions;
  readonly #server: Server;
  /** By the addresses of both ends. */
  readonly #handshakes = new Map<string, Handshake>();
  readonly #requiresCertificate: boolean;

  /**
   * @param hasHttp - whether browsers may connect, too
   * @throws TypeError if Node rejects the options
   */
  constructor(options: TlsOptions, hasHttp = false) {
    this.#requiresCertificate = options.requestCert === true && options.rejectUnauthorized !== false;
    // Node would close a connection with a wrong or missing certificate without an error for the client.
    const own = { rejectUnauthorized: false, pauseOnConnect: false };
    const protocols = hasHttp ? [TLS_PROTOCOL, HTTP_PROTOCOL] : [TLS_PROTOCOL];
    const ALPNProtocols = options.ALPNCallback ? undefined : protocols;
    const sessionIdContext = contextIdOf(options);
    this.#options = { ...(ALPNProtocols && { ALPNProtocols }), ...options, sessionIdContext, ...own };
    this.#given = options;
    this.#hasHttp = hasHttp;
    this.#server = this.#newServer((socket) => this.#handshakes.get(addressesOf(socket) ?? ''));
  }

  /**
   * An acceptor with another certificate, or other authorities. What `options` does not name stays. Sessions that the older
   * one has begun are not resumed, unless both have the same `ticketKeys` and accept the same certificates.
   *
   * @throws TransferError EINVAL, with the error of OpenSSL as `cause`, if a certificate or key cannot be used
   * @throws TypeError if Node rejects the options for another reason
   */
  withSecureContext(options: SecureContextOptions): TlsAcceptor {
    try {
      return new TlsAcceptor(changedTlsOption(this.#given, options), this.#hasHttp);
    } catch (thrown) {
      const cause = thrown instanceof Error ? thrown.cause : undefined;
      if (!(cause instanceof Error) || cause instanceof TypeError) throw thrown;
      throw new TransferError('EINVAL', `The certificate or its key cannot be used: ${cause.message}`, {
        cause,
      });
    }
  }

  /**
   * Accepts a socket. Rejects if the connection is lost or its handshake fails. Rejects with `rejection`, if there is
   * one, without the work of a handshake.
   */
  async accept(duplex: Duplex, rejection: TransferError | undefined): Promise<AcceptedTls> {
    if ((await firstByte(duplex)) !== TLS_HANDSHAKE) return { duplex, rejection: rejection ?? speaksTls() };
    if (rejection) throw rejection;
    const secure = await this.#handshake(duplex);
    const hasCertificate = !this.#requiresCertificate || peerOf(secure).certificate !== undefined;
    return { duplex: secure, rejection: hasCertificate ? undefined : requiresCertificate() };
  }

  #handshake(duplex: Duplex): Promise<TLSSocket> {
    return new Promise((resolve, reject) => {
      if (duplex.destroyed) return reject(handshakeFailure(undefined));
      const addresses = addressesOf(duplex);
      const handshake: Handshake = { resolve, reject };
      // Sockets without addresses, such as Unix sockets, need a server each: it tells whose handshake ended.
      const server = addresses === undefined ? this.#newServer(() => handshake) : this.#server;
      if (addresses !== undefined) this.#handshakes.set(addresses, handshake);
      duplex.once('close', () => {
        reject(handshakeFailure(undefined));
        if (this.#handshakes.get(addresses ?? '') === handshake) this.#handshakes.delete(addresses ?? '');
      });
      // A client that ends its side during the handshake closes the connection.
      duplex.allowHalfOpen = false;
      server.emit('connection', duplex);
    });
  }

  #newServer(find: (socket: TLSSocket) => Handshake | undefined): Server {
    const server = fromTlsOption(() => createServer(this.#options));
    server.on('secureConnection', (socket) => {
      const handshake = find(socket);
      if (handshake) handshake.resolve(socket);
      else socket.destroy();
    });
    server.on('tlsClientError', (error, socket) => {
      find(socket)?.reject(handshakeFailure(error));
      socket.destroy();
    });
    return server;
  }
}

/** Peeks at the first byte of a stream. Rejects with ECONNRESET if the stream ends without one. */
function firstByte(duplex: Duplex): Promise<number> {
  return new Promise((resolve, reject) => {
    const removeListeners = (): void => {
      duplex.off('readable', onReadable).off('end', onLost).off('close', onLost);
    };
    const onReadable = (): void => {
      const chunk = duplex.read() as Buffer | null;
      // 'readable' is also emitted before 'end'.
      if (chunk === null) return;
      removeListeners();
      duplex.unshift(chunk);
      resolve(chunk.readUInt8(0));
    };
    const onLost = (): void => {
      removeListeners();
      reject(new TransferError('ECONNRESET', 'The client closed the connection before it sent a byte.'));
    };
    duplex.on('readable', onReadable).on('end', onLost).on('close', onLost);
    if (duplex.destroyed) onLost();
  });
}

/** The addresses of both ends, unique among open connections; undefined for a stream without them. */
function addressesOf(duplex: Duplex): string | undefined {
  if (!(duplex instanceof Socket) || duplex.remotePort === undefined) return undefined;
  return `${duplex.remoteAddress} ${duplex.remotePort} ${duplex.localAddress}`;
}

function speaksTls(): TransferError {
  return new TransferError('EPROTO', 'This port speaks TLS: connect with tls://');
}

function requiresCertificate(): TransferError {
  return new TransferError('EAUTH', 'The server requires a client certificate that it can verify.');
}

/** The error of a failed handshake, for the events of the server; without a cause, the client closed the connection. */
function handshakeFailure(error: NodeJS.ErrnoException | undefined): TransferError {
  if (!error || error.code === 'ECONNRESET') {
    return new TransferError('ECONNRESET', 'The connection ended during the TLS handshake.', {
      cause: error,
    });
  }
  if (isCertificateAlert(error)) {
    const reason = `The client rejected the server's certificate: ${tlsReason(error)}.`;
    return new TransferError('EAUTH', reason, { cause: error });
  }
  return new TransferError('EPROTO', `The TLS handshake failed: ${tlsReason(error)}.`, { cause: error });
}

/**
 * The `http.Server` of a file server. It never listens: it gets the sockets on which the file server has recognised HTTP.
 *
 *     accept(socket) -> http.Server -> request -> HttpConnection of the socket
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { TransferError } from '../../errors.js';
import { HttpConnection } from './http-connection.js';
import type { AcceptedStream, HttpHost, HttpLogin } from './http-host.js';
import { HTTP_IDLE_MS, MAX_HEAD_BYTES, MAX_HEADERS } from './limits.js';

export class HttpService {
  readonly #host: HttpHost;
  readonly #server: Server;
  readonly #connections = new WeakMap<Duplex, HttpConnection>();

  constructor(host: HttpHost) {
    this.#host = host;
    const { handshakeMs, progressMs } = host.settings;
    this.#server = createServer({
      maxHeaderSize: MAX_HEAD_BYTES,
      headersTimeout: handshakeMs,
      keepAliveTimeout: HTTP_IDLE_MS,
      // An upload may take long: the session ends one that stalls.
      requestTimeout: 0,
      insecureHTTPParser: false,
      requireHostHeader: true,
      noDelay: true,
    });
    // One more, so that a request with too many is noticed.
    this.#server.maxHeadersCount = MAX_HEADERS + 1;
    // Time without a byte, for a reader that does not take the last of them.
    this.#server.timeout = progressMs;
    this.#server.on('request', (request, response) => this.#add(request, response, false));
    this.#server.on('checkContinue', (request, response) => this.#add(request, response, true));
  }

  /** Serves a stream. Resolves with what the connection of the stream is to serve, at the first request that needs it. */
  accept({ duplex, peer }: AcceptedStream, login: HttpLogin): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      const connection = new HttpConnection({ duplex, peer, login, onSession: resolve, host: this.#host });
      this.#connections.set(duplex, connection);
      const lost = new TransferError('ECONNRESET', 'The connection ended before a request with a login.');
      duplex.once('close', () => reject(lost));
      if (duplex.destroyed) return reject(lost);
      this.#server.emit('connection', duplex);
      duplex.resume();
    });
  }

  #add(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    this.#connections.get(request.socket)?.add({ request, response, expectsContinue });
  }
}

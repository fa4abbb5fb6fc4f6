/**
 * Lets browsers use a server. A connection that begins with a request of HTTP gets a client of the protocol inside of the
 * server, so that each request goes the way of all others: login, permissions, quotas, limits, hooks and events.
 *
 *     socket -> first bytes -> HTTP -> HttpService -> HttpSession <=> Connection
 *                           -> anything else: back to the Connection
 */
import type { Duplex } from 'node:stream';
import { TransferError } from '../../errors.js';
import type { ServerSettings } from '../options.js';
import { beginsWithHttp } from './begins-with-http.js';
import type { AcceptedStream, AddConnection, HttpClient, HttpLogin } from './http-host.js';
import type { HttpService } from './http-service.js';
import type { HttpSettings } from './options.js';

export class HttpGateway {
  readonly #settings: ServerSettings;
  readonly #add: AddConnection;
  #service: Promise<HttpService> | undefined;

  constructor(settings: ServerSettings, add: AddConnection) {
    this.#settings = settings;
    this.#add = add;
  }

  /**
   * Resolves with undefined if the client does not speak HTTP: then no byte has been taken. Otherwise it resolves when the
   * first request needs a connection, and rejects if the stream ends before.
   */
  async accept(stream: AcceptedStream, login: HttpLogin): Promise<HttpClient | undefined> {
    const { http } = this.#settings;
    if (!http || !(await speaksHttp(stream.duplex))) return undefined;
    const service = await (this.#service ??= this.#load(http));
    return { duplex: await service.accept(stream, login), codec: http.codec };
  }

  async #load(http: HttpSettings): Promise<HttpService> {
    // Most servers never see a browser.
    const loaded = await import('./http-service.js');
    return new loaded.HttpService({ settings: this.#settings, http, add: this.#add });
  }
}

/** Looks at the first bytes of a stream. Rejects with ECONNRESET if it ends before they tell. */
function speaksHttp(duplex: Duplex): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let bytes: Buffer = Buffer.alloc(0);
    const removeListeners = (): void => {
      duplex.off('readable', onReadable).off('end', onLost).off('close', onLost);
    };
    const onReadable = (): void => {
      const chunk = duplex.read() as Buffer | null;
      // 'readable' is also emitted before 'end'.
      if (chunk === null) return;
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
      const verdict = beginsWithHttp(bytes);
      if (verdict === undefined) return;
      removeListeners();
      duplex.unshift(bytes);
      resolve(verdict);
    };
    const onLost = (): void => {
      removeListeners();
      reject(new TransferError('ECONNRESET', 'The client closed the connection before its first request.'));
    };
    duplex.on('readable', onReadable).on('end', onLost).on('close', onLost);
    if (duplex.destroyed) onLost();
  });
}

/** One request of HTTP and its response. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Codec } from '../../../codecs/codec.js';
import { TransferError } from '../../../errors.js';
import type { AccessControl } from '../../access/access-control.js';
import type { Peer } from '../../peer.js';
import type { HttpHost, HttpLogin } from '../http-host.js';
import type { SentCredentials } from '../../../session/settings.js';
import type { HttpSession } from '../session/http-session.js';
import type { SessionRequest } from '../session/session-request.js';
import { mayAskForPassword, sentCredentials } from './credentials.js';
import { RequestBody } from './request-body.js';

/** The values of headers of a response. */
export type ResponseHeaders = Record<string, string | number | undefined>;

/** The connection of a request. */
export interface HttpExchangeOwner {
  readonly peer: Peer;
  readonly host: HttpHost;
  /** The session of a login. Rejects with EAUTH, or the other reason for which the server does not serve it. */
  session(credentials: SentCredentials, agent: string): Promise<{ session: HttpSession; login: HttpLogin }>;
}

interface HttpExchangeContext {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly expectsContinue: boolean;
  readonly connection: HttpExchangeOwner;
}

export class HttpExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly connection: HttpExchangeOwner;
  readonly body: RequestBody;
  /** Undefined before `login`. */
  access: AccessControl | undefined;

  constructor({ request, response, expectsContinue, connection }: HttpExchangeContext) {
    this.request = request;
    this.response = response;
    this.connection = connection;
    this.body = new RequestBody(request, () => {
      if (expectsContinue) response.writeContinue();
    });
  }

  get headers(): IncomingHttpHeaders {
    return this.request.headers;
  }

  get method(): string {
    return this.request.method ?? '';
  }

  get isHead(): boolean {
    return this.method === 'HEAD';
  }

  get codec(): Codec {
    return this.connection.host.http.codec;
  }

  /** Whether a page is a better answer than a line of text. */
  get wantsPage(): boolean {
    return this.headers.accept?.includes('text/html') === true;
  }

  /** The session for the credentials of the request. Throws EAUTH if it needs others. */
  async login(): Promise<HttpSession> {
    const { host, peer } = this.connection;
    const credentials = sentCredentials(this.headers.authorization);
    const { http, settings } = host;
    const isGuest = http.allowsAnonymous || peer.certificate !== undefined;
    if (!credentials && settings.access.authenticate && !isGuest)
      throw mayAskForPassword(peer, settings.access)
        ? new TransferError('EAUTH', 'This server asks for a name and a password.')
        : new TransferError(
            'EACCES',
            'This server asks for a password, and accepts it over https only. Nothing may be sent over this connection.',
          );
    const agent = this.headers['user-agent'] ?? '';
    const { session, login } = await this.connection.session(credentials ?? {}, agent);
    this.access = login.access;
    return session;
  }

  /** Writes the head. Values that are undefined are left out. */
  writeHead(status: number, headers: ResponseHeaders): void {
    for (const [name, value] of Object.entries(headers))
      if (value !== undefined) this.response.setHeader(name, value);
    this.response.writeHead(status);
  }

  /** A response without a body. */
  sendEmpty(status: number, headers: ResponseHeaders = {}): void {
    const hasLength = status !== 304 && status !== 204;
    this.writeHead(status, { ...(hasLength && { 'Content-Length': 0 }), ...headers });
    this.response.end();
  }

  /** Writes a piece of the body; resolves when the next one may follow. Rejects if the client has gone. */
  async write(piece: Uint8Array | string): Promise<void> {
    const { response } = this;
    if (response.destroyed) throw clientGone();
    if (response.write(piece)) return;
    await new Promise<void>((resolve, reject) => {
      const onClose = (): void => {
        response.off('drain', onDrain);
        reject(clientGone());
      };
      const onDrain = (): void => {
        response.off('close', onClose);
        resolve();
      };
      response.once('drain', onDrain).once('close', onClose);
    });
  }

  /** Ends the response without its last byte. */
  cut(): void {
    const { request, response, connection } = this;
    const { socket, httpVersion } = request;
    const isTcp =
      !connection.peer.encrypted && socket instanceof Socket && socket.remoteAddress !== undefined;
    // In HTTP/1.0, as proxies speak it, the end of a connection is the end of a body: only a reset tells that it is cut.
    if (httpVersion === '1.0' && isTcp) socket.resetAndDestroy();
    else response.destroy();
  }

  /** Writes the body of an answer. Ends the response without its last byte if the answer fails, and throws. */
  async writeBodyOf(answered: SessionRequest): Promise<void> {
    // A reader that takes nothing does not learn it otherwise.
    answered.onFailure = () => this.cut();
    for await (const piece of answered.body()) await this.write(piece);
    await answered.result();
  }
}

function clientGone(): TransferError {
  return new TransferError('ECONNRESET', 'The client of HTTP closed the connection.');
}

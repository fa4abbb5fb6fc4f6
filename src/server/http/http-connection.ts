/**
 * One connection of a client of HTTP. Its requests are answered one after another, over a session with their login.
 *
 *     request -> queue -> HttpExchange -> answer
 *                              `-> session(credentials): the open one, or a new one
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { TransferError } from '../../errors.js';
import { toFieldText } from '../../protocol/fields.js';
import { LINGER_MS } from '../../protocol/limits.js';
import type { SentCredentials } from '../../session/settings.js';
import { Deadline } from '../../session/timers/deadline.js';
import type { Peer } from '../peer.js';
import type { HttpHost, HttpLogin } from './http-host.js';
import { HTTP_IDLE_MS, MAX_PIPELINED_REQUESTS, MAX_USER_AGENT_LENGTH } from './limits.js';
import { answer } from './requests/answer.js';
import { HttpExchange, type HttpExchangeOwner } from './requests/http-exchange.js';
import { HttpSession } from './session/http-session.js';

export interface ReceivedRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Whether the client sends its body only when it is asked to. */
  readonly expectsContinue: boolean;
}

interface HttpConnectionContext {
  readonly duplex: Duplex;
  readonly peer: Peer;
  /** The connection of the first session. */
  readonly login: HttpLogin;
  /** Called with the stream of the first session. */
  readonly onSession: (stream: Duplex) => void;
  readonly host: HttpHost;
}

/** A session, and whose it is. */
interface OpenSession {
  readonly session: HttpSession;
  readonly login: HttpLogin;
  readonly key: string;
}

export class HttpConnection implements HttpExchangeOwner {
  readonly peer: Peer;
  readonly host: HttpHost;
  readonly #duplex: Duplex;
  readonly #context: HttpConnectionContext;
  #open: OpenSession | undefined;
  #hasBegun = false;
  /** Requests that are not answered yet. */
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();
  /** Called if the socket closes before the response to the present request. */
  #onGone: (() => void) | undefined;
  /** Until the next request must have arrived. */
  #idle: Deadline | undefined;

  constructor(context: HttpConnectionContext) {
    this.#context = context;
    this.#duplex = context.duplex;
    this.peer = context.peer;
    this.host = context.host;
    this.#duplex.once('close', () => this.#onClose());
  }

  /** Answers a request after those before it. */
  add(received: ReceivedRequest): void {
    this.#idle?.stop();
    this.#waiting += 1;
    if (this.#waiting > MAX_PIPELINED_REQUESTS) return void this.#duplex.destroy();
    this.#last = this.#last.then(() => this.#serve(received));
  }

  /** The session of a login. Rejects with EAUTH, or the other reason for which the server does not serve it. */
  async session(credentials: SentCredentials, agent: string): Promise<OpenSession> {
    const key = JSON.stringify([credentials.user, credentials.password, credentials.bearer]);
    // The server has ended the session, or is about to.
    if (this.#hasBegun && this.#open?.session.isOpen !== true) throw new TransferError('ESHUTDOWN');
    if (this.#open?.key === key) return this.#open;
    this.#open?.session.close();
    const { settings, http } = this.host;
    const session: HttpSession = new HttpSession({
      codec: http.codec,
      settings: settings.session,
      credentials,
      agent: toFieldText(agent, MAX_USER_AGENT_LENGTH),
      onEnd: (error) => this.#onSessionEnd(session, error),
    });
    this.#open = { session, login: this.#begin(session), key };
    await session.opened;
    return this.#open;
  }

  /** The first session takes the connection of the socket; another login on the same socket gets one of its own. */
  #begin({ endpoint }: HttpSession): HttpLogin {
    const { login, peer, onSession, host } = this.#context;
    if (this.#hasBegun) {
      const { codec } = host.http;
      return host.add({ duplex: endpoint, codec, peer });
    }
    this.#hasBegun = true;
    onSession(endpoint);
    return login;
  }

  async #serve({ request, response, expectsContinue }: ReceivedRequest): Promise<void> {
    if (this.#duplex.destroyed) return;
    const closed = new Promise<void>((resolve) => {
      response.once('close', resolve);
      this.#onGone = resolve;
    });
    const exchange = new HttpExchange({ request, response, expectsContinue, connection: this });
    await answer(exchange).catch(() => this.#duplex.destroy());
    await closed;
    this.#waiting -= 1;
    this.#waitForNext(request);
  }

  #waitForNext(request: IncomingMessage): void {
    if (this.#duplex.destroyed || this.#waiting > 0) return;
    const isLast = this.#hasBegun && !this.#open;
    if (isLast) this.#duplex.end();
    // The rest of a refused body is read, because a reset could overtake the answer.
    const ms = request.complete && !isLast ? HTTP_IDLE_MS + this.host.settings.handshakeMs : LINGER_MS;
    this.#destroyAfter(ms);
  }

  #destroyAfter(ms: number): void {
    this.#idle?.stop();
    this.#idle = new Deadline(ms, () => this.#duplex.destroy()).unref();
  }

  #onSessionEnd(session: HttpSession, error: TransferError | undefined): void {
    if (this.#open?.session !== session) return;
    this.#open = undefined;
    if (this.#waiting === 0) return void this.#duplex.destroy();
    // What has been answered is still sent.
    if (error) this.#destroyAfter(LINGER_MS);
  }

  #onClose(): void {
    this.#idle?.stop();
    this.#onGone?.();
    const { session } = this.#open ?? {};
    this.#open = undefined;
    if (this.#waiting === 0) session?.close();
    else session?.destroy(new TransferError('ECONNRESET', 'The client of HTTP closed the connection.'));
  }
}

/** The answer to a request that has failed. */
import { STATUS_CODES } from 'node:http';
import { TransferError } from '../../../errors.js';
import { httpStatusOf } from '../../../http-status.js';
import { errorPage } from '../pages/error-page.js';
import { CHALLENGE, mayAskForPassword } from './credentials.js';
import { HttpError } from './http-error.js';
import type { HttpExchange, ResponseHeaders } from './http-exchange.js';

/** The statuses of codes that mean something else here than in a gateway. */
const statuses: Readonly<Record<string, number>> = {
  EIO: 500,
  // The client has ended its side before the end of its body.
  ECONNRESET: 400,
  // Only a connection without encryption to a port with it.
  EPROTO: 400,
};

export function sendError(exchange: HttpExchange, thrown: unknown): void {
  const { status, message, headers } = refusalOf(exchange, thrown);
  const { response, wantsPage } = exchange;
  const title = STATUS_CODES[status] ?? 'Error';
  const body = wantsPage
    ? errorPage({ status, title, message })
    : { text: `${message}\n`, policy: undefined };
  const bytes = Buffer.from(body.text);
  exchange.writeHead(status, {
    'Content-Type': `text/${wantsPage ? 'html' : 'plain'}; charset=utf-8`,
    'Content-Length': bytes.length,
    'Content-Security-Policy': body.policy ?? "default-src 'none'",
    'Cache-Control': 'no-store',
    ...headers,
  });
  response.end(exchange.isHead ? undefined : bytes);
}

interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly headers: ResponseHeaders;
}

function refusalOf(exchange: HttpExchange, thrown: unknown): Refusal {
  if (thrown instanceof HttpError) return thrown;
  const error = TransferError.from(thrown);
  const { code, reason, retryAfterMs } = error;
  const status = statusOf(exchange, error);
  const retryAfter = retryAfterMs === undefined ? undefined : Math.ceil(retryAfterMs / 1_000);
  const headers = {
    'Retry-After': retryAfter,
    'WWW-Authenticate': status === 401 ? CHALLENGE : undefined,
    // After a login that was refused, the connection has no session any more.
    Connection: code === 'EAUTH' || code === 'EPROTO' || status === 401 ? 'close' : undefined,
  };
  return { status, message: code === 'EPROTO' ? `${reason} In a browser: https://` : reason, headers };
}

/** The status 401 makes a browser ask for a password, and send it. */
function statusOf({ connection, headers }: HttpExchange, error: TransferError): number {
  const { host, peer } = connection;
  const { access } = host.settings;
  const isGuest = headers.authorization === undefined && host.http.allowsAnonymous;
  // What a guest may not do, a user may.
  const needsLogin = error.code === 'EAUTH' || (error.code === 'EACCES' && isGuest);
  if (!needsLogin || !access.authenticate) return statuses[error.code] ?? httpStatusOf(error);
  return mayAskForPassword(peer, access) ? 401 : 403;
}

/**
 * Answers a request of HTTP.
 *
 *     head, host, origin -> target -> login -> GET, HEAD | PUT | POST | DELETE | OPTIONS
 *                                          `-> an error: its status, and a page or a line of text
 */
import type { IncomingMessage } from 'node:http';
import { TransferError } from '../../../errors.js';
import { sendArchive } from '../archives/send-archive.js';
import { sendFile } from '../files/send-file.js';
import { MAX_HEADERS } from '../limits.js';
import { sendDirectory } from '../pages/send-directory.js';
import { HttpError } from './http-error.js';
import { deleteEntry } from '../uploads/delete-entry.js';
import { putFile } from '../uploads/put-file.js';
import { storeForm } from '../uploads/store-form.js';
import { isServedHost } from './served-host.js';
import { isSameOrigin } from './same-origin.js';
import type { HttpExchange } from './http-exchange.js';
import { parseTarget, urlOf, type RequestTarget } from './request-target.js';
import { sendError } from './send-error.js';
import { statOrRead } from './stat-or-read.js';

const ALLOWED = 'GET, HEAD, PUT, POST, DELETE, OPTIONS';

type Handler = (exchange: HttpExchange, target: RequestTarget) => Promise<void>;

const handlers: Readonly<Record<string, Handler>> = {
  GET: get,
  HEAD: get,
  PUT: putFile,
  POST: storeForm,
  DELETE: deleteEntry,
};

/** Answers a request, also if that fails. */
export async function answer(exchange: HttpExchange): Promise<void> {
  const { response } = exchange;
  setCommonHeaders(exchange);
  try {
    await route(exchange);
  } catch (thrown) {
    // The reader must see that the body is not complete.
    if (response.headersSent) exchange.cut();
    else sendError(exchange, thrown);
  } finally {
    exchange.body.discard();
  }
}

async function route(exchange: HttpExchange): Promise<void> {
  const { request, method, headers, connection } = exchange;
  checkHead(request);
  if (!isServedHost(headers.host, connection.host.http.hosts, request.socket))
    throw misdirected(headers.host);
  if (method === 'OPTIONS') return exchange.sendEmpty(204, { Allow: ALLOWED });
  const handler = Object.hasOwn(handlers, method) ? handlers[method] : undefined;
  if (!handler)
    throw new HttpError(405, `This server does not know the method ${method}.`, { Allow: ALLOWED });
  if (handler !== get && !isSameOrigin(headers, connection.peer.encrypted))
    throw new HttpError(403, 'The request comes from a page of another site.');
  await handler(exchange, parseTarget(request.url ?? ''));
}

/** The parser of Node.js leaves out headers behind its limit, and takes the first of several hosts. */
function checkHead({ rawHeaders, headersDistinct }: IncomingMessage): void {
  const close = { Connection: 'close' };
  if (rawHeaders.length > 2 * MAX_HEADERS)
    throw new HttpError(431, `A request may have ${MAX_HEADERS} headers.`, close);
  const hosts = headersDistinct['host']?.length ?? 0;
  if (hosts > 1) throw new HttpError(400, `A request must have one header Host, not ${hosts}.`, close);
}

async function get(exchange: HttpExchange, target: RequestTarget): Promise<void> {
  const session = await exchange.login();
  const entry = await statOrRead(session, target.path);
  if (entry.kind === 'file') {
    if (target.isDirectory) throw new TransferError('ENOENT');
    return sendFile(exchange, session, { entry, target });
  }
  if (!target.isDirectory) {
    const search = target.query.size > 0 ? `?${target.query.toString()}` : '';
    return exchange.sendEmpty(308, { Location: `${urlOf(target.path, true)}${search}` });
  }
  const archive = target.query.get('archive');
  if (archive === 'tar') return sendArchive(exchange, session, target.path);
  if (archive !== null) throw new HttpError(400, 'An archive must be of the kind tar.');
  return sendDirectory(exchange, session, target);
}

function setCommonHeaders({ response }: HttpExchange): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  response.setHeader('Referrer-Policy', 'same-origin');
  response.setHeader('X-Frame-Options', 'DENY');
  // With a condition, a cache may still use what it has.
  response.setHeader('Cache-Control', 'private, no-cache');
}

function misdirected(host: string | undefined): HttpError {
  const named = host === undefined ? 'without a host' : `for the host ${host}`;
  return new HttpError(
    421,
    `This server answers no request ${named}: its option http.hosts does not name it.`,
    {
      Connection: 'close',
    },
  );
}

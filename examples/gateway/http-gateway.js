// A listener for node:http that serves the files of a socket-ftp server: GET and HEAD with Range and conditions, PUT, DELETE.
// Every stream is part of a pipeline: if the browser leaves, the transfer ends; if the transfer fails, the response does.
// @ts-check
import { pipeline } from 'node:stream/promises';
import { httpStatusOf, TransferError } from 'socket-ftp';

/**
 * @import { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
 * @import { FileClient } from 'socket-ftp'
 */

/**
 * @param {FileClient} client
 * @param {{ maxBytes?: number }} [options] - `maxBytes`: the largest file that a PUT may store
 * @returns {RequestListener}
 */
export function httpGateway(client, { maxBytes = Infinity } = {}) {
  return (request, response) => {
    serve(request, response).catch((/** @type {unknown} */ error) => sendError(response, error));
  };

  /** @param {IncomingMessage} request @param {ServerResponse} response */
  async function serve(request, response) {
    const path = pathOf(request);
    if (request.method === 'GET' || request.method === 'HEAD') return get(path, request, response);
    if (request.method === 'PUT') return put(path, request, response);
    if (request.method !== 'DELETE') return sendEmpty(response, 405, { allow: 'GET, HEAD, PUT, DELETE' });
    // A server of files removes whatever version there is, so that a condition could not be kept.
    if (request.headers['if-match']) return sendEmpty(response, 501);
    await client.remove(path);
    sendEmpty(response, 204);
  }

  /** @param {string} path @param {IncomingMessage} request @param {ServerResponse} response */
  async function get(path, request, response) {
    const { kind, size, mtime, etag } = await client.stat(path);
    if (kind === 'directory') throw new TransferError('EISDIR');
    const headers = { 'last-modified': mtime.toUTCString(), 'accept-ranges': 'bytes', ...etagHeader(etag) };
    const tag = headers.etag;
    if (tag && tagsIn(request.headers['if-none-match']).includes(tag))
      return sendEmpty(response, 304, headers);
    const range = rangeOf(request, tag, size);
    if (!range) return sendEmpty(response, 416, { 'content-range': `bytes */${size}` });
    const { start, end, isPartial } = range;
    const partial = isPartial && { 'content-range': `bytes ${start}-${end - 1}/${size}` };
    const head = { ...headers, ...partial, 'content-length': end - start };
    if (request.method === 'HEAD') return void response.writeHead(isPartial ? 206 : 200, head).end();
    const download = client.download(path, { offset: start, length: end - start, ifMatch: strong(etag) });
    // An error before this line still has a status of its own.
    await download.entry;
    response.writeHead(isPartial ? 206 : 200, head);
    await pipeline(download, response);
  }

  /** @param {string} path @param {IncomingMessage} request @param {ServerResponse} response */
  async function put(path, request, response) {
    const length = request.headers['content-length'];
    if (Number(length ?? 0) > maxBytes) throw new TransferError('EFBIG');
    const isNew = request.headers['if-none-match'] === '*';
    const [ifMatch] = tagsIn(request.headers['if-match']).map(unquoted);
    const existed = await client.exists(path);
    const upload = client.upload(path, {
      overwrite: !isNew,
      ifMatch,
      size: length === undefined ? undefined : Number(length),
    });
    // A request that is destroyed could not be answered.
    const body = request.iterator({ destroyOnReturn: false });
    try {
      await pipeline(body, limited, upload);
    } catch (error) {
      if (isNew && TransferError.is(error) && error.code === 'EEXIST') return sendEmpty(response, 412);
      throw error;
    }
    const { etag } = await upload.completed;
    sendEmpty(response, existed ? 204 : 201, etagHeader(etag));
  }

  /** @param {AsyncIterable<Buffer>} body */
  async function* limited(body) {
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new TransferError('EFBIG');
      yield chunk;
    }
  }
}

/** @param {IncomingMessage} request */
function pathOf({ url = '/' }) {
  const [path = ''] = url.split('?');
  try {
    return decodeURIComponent(path).replace(/^\//, '') || '/';
  } catch {
    throw new TransferError('EILSEQ');
  }
}

/**
 * The part of a file that a request wants; undefined if the file has no such part. Several ranges are answered with the
 * whole file, as HTTP allows.
 *
 * @param {IncomingMessage} request @param {string | undefined} tag @param {number} size
 */
function rangeOf({ headers }, tag, size) {
  const whole = { start: 0, end: size, isPartial: false };
  const condition = headers['if-range'];
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(headers.range ?? '') ?? [];
  if (first === undefined || last === undefined || (condition && condition !== tag)) return whole;
  if (first === '' && last === '') return whole;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  return start < end ? { start, end, isPartial: true } : undefined;
}

/**
 * An etag of HTTP has no spaces and quotes.
 *
 * @param {string | undefined} etag
 * @returns {{ etag?: string }}
 */
function etagHeader(etag) {
  if (etag === undefined) return {};
  return {
    etag: etag.startsWith('W/') ? `W/"${encodeURIComponent(etag)}"` : `"${encodeURIComponent(etag)}"`,
  };
}

/** @param {string | undefined} header @returns {string[]} */
function tagsIn(header) {
  return header?.match(/(?:W\/)?"[^"]*"/g) ?? [];
}

/** @param {string} tag */
function unquoted(tag) {
  return decodeURIComponent(tag.replace(/^W\//, '').slice(1, -1));
}

/** A weak etag cannot be a condition. @param {string | undefined} etag */
function strong(etag) {
  return etag?.startsWith('W/') ? undefined : etag;
}

/** @param {ServerResponse} response @param {unknown} error */
function sendError(response, error) {
  // The reader must see that the file is not complete.
  if (response.headersSent) return void response.destroy();
  sendEmpty(response, httpStatusOf(error), { connection: 'close' });
}

/** @param {ServerResponse} response @param {number} status @param {Record<string, string>} [headers] */
function sendEmpty(response, status, headers = {}) {
  response.writeHead(
    status,
    status === 304 || status === 204 ? headers : { 'content-length': 0, ...headers },
  );
  response.end();
}

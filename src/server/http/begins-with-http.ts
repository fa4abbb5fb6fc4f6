/** Recognises HTTP by the first bytes of a connection. No codec of the library begins like a method of HTTP. */

const METHODS = [
  'GET',
  'HEAD',
  'PUT',
  'POST',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'TRACE',
  'CONNECT',
  'PROPFIND',
].map((method) => `${method} `);

/** Bytes within which HTTP is recognised. */
const LONGEST = Math.max(...METHODS.map(({ length }) => length));

/** Whether a connection that begins with these bytes speaks HTTP/1; undefined if more bytes are needed. */
export function beginsWithHttp(firstBytes: Uint8Array): boolean | undefined {
  const text = String.fromCharCode(...firstBytes.subarray(0, LONGEST));
  if (METHODS.some((method) => text.startsWith(method))) return true;
  return METHODS.some((method) => method.startsWith(text)) ? undefined : false;
}

/**
 * Whether a request comes from a page of this server, or from no page at all. A browser adds the password of a user to each
 * request, also to one that a page of another site makes.
 */
import type { IncomingHttpHeaders } from 'node:http';

/** The headers cannot be set by a page. A client that sends neither is no browser, or older than these. */
export function isSameOrigin(headers: IncomingHttpHeaders, isEncrypted: boolean): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  const { origin, host } = headers;
  if (origin === undefined) return true;
  if (host === undefined) return false;
  // A proxy in front may speak https, and http to this server.
  const schemes = isEncrypted ? ['https'] : ['http', 'https'];
  return schemes.some((scheme) => origin.toLowerCase() === `${scheme}://${host.toLowerCase()}`);
}

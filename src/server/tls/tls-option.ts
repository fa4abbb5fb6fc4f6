/** The option `tls` of a server, checked for what would show only when somebody connects, or never. */
import type { TlsOptions } from 'node:tls';

/** The option as it was given. Throws a TypeError if nobody could connect by it, or anybody. */
export function tlsOption(option: TlsOptions | undefined): TlsOptions | undefined {
  if (option === undefined) return undefined;
  if (typeof option !== 'object' || option === null) {
    throw new TypeError('The option tls must be an object with key and cert, as for tls.createServer.');
  }
  const { cert, pfx, SNICallback, pskCallback, requestCert, ca } = option;
  if (!cert && !pfx && !SNICallback && !pskCallback) {
    throw new TypeError('The option tls needs key and cert, or pfx: nobody could connect without them.');
  }
  if (requestCert && !ca && !pfx && !SNICallback) {
    throw new TypeError(
      'The option tls needs ca beside requestCert: without it, the certificates of all public authorities would do.',
    );
  }
  return option;
}

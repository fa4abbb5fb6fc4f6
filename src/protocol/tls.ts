/** TLS as this protocol uses it. */

/** The first byte of a TLS connection: the content type of a handshake record. */
export const TLS_HANDSHAKE = 22;

/** The protocol name in ALPN. */
export const TLS_PROTOCOL = 'socket-ftp';

/** The same of HTTP/1.1, for a server that browsers may use. */
export const HTTP_PROTOCOL = 'http/1.1';

/** Calls `node:tls` with the option `tls`. Throws a TypeError if it rejects the option. */
export function fromTlsOption<Made>(make: () => Made): Made {
  try {
    return make();
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : 'unknown';
    throw new TypeError(`The option tls is invalid: ${reason}`, { cause: thrown });
  }
}

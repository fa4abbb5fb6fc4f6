/** What is agreed about TLS: everything of this protocol is said inside it. */

/** The first byte of a TLS connection: a record of a handshake. */
export const TLS_HANDSHAKE = 22;

/** The name of the protocol where TLS asks for one, in ALPN. */
export const TLS_PROTOCOL = 'socket-ftp';

/** What `node:tls` makes of the option `tls`. Throws a TypeError if `node:tls` refuses the option. */
export function fromTlsOption<Made>(make: () => Made): Made {
  try {
    return make();
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : 'unknown';
    throw new TypeError(`The option tls is not what TLS takes: ${reason}`, { cause: thrown });
  }
}

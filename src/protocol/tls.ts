/** What is agreed about TLS: everything of this protocol is said inside it. */

/** The first byte of a TLS connection: a record of a handshake. */
export const TLS_HANDSHAKE = 22;

/** The name of the protocol where TLS asks for one, in ALPN. */
export const TLS_PROTOCOL = 'socket-ftp';

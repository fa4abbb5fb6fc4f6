/** What the answers to requests of HTTP need of their server. */
import type { Duplex } from 'node:stream';
import type { Codec } from '../../codecs/codec.js';
import type { AccessControl } from '../access/access-control.js';
import type { ServerSettings } from '../options.js';
import type { Peer } from '../peer.js';
import type { HttpSettings } from './options.js';

export interface HttpHost {
  readonly settings: ServerSettings;
  readonly http: HttpSettings;
  readonly add: AddConnection;
}

/** A connection of the server whose client is an `HttpSession`. */
export interface HttpLogin {
  /** Undefined before the login. */
  readonly access: AccessControl | undefined;
}

/** What such a connection serves instead of a socket. */
export interface HttpClient {
  readonly duplex: Duplex;
  readonly codec: Codec;
}

/** Adds a connection to the server. */
export type AddConnection = (client: HttpClient & { readonly peer: Peer }) => HttpLogin;

/** A new connection, above TLS. */
export interface AcceptedStream {
  readonly duplex: Duplex;
  readonly peer: Peer;
}

/** What a server tells of its connections and their requests when it is asked. Nothing of it is kept in between. */
import { TLSSocket, type CipherNameAndProtocol } from 'node:tls';
import { systemClock } from '../../clock.js';
import type { ConnectionInfo, RequestStart } from './connection-info.js';

/** A request that has not ended. */
export interface RequestSnapshot extends Omit<RequestStart, 'connection'> {
  /** `'queued'` while the request waits for the strategy to run it. */
  readonly state: 'queued' | 'running';
  /** When the request arrived. */
  readonly startedAt: Date;
  /** Bytes of the body so far, in both directions. */
  readonly bytes: number;
  /** Average bytes per second since the strategy has run the request, rounded; 0 for a queued request. */
  readonly bytesPerSecond: number;
}

/** A connection at the moment of the call. Later changes do not show. */
export interface ConnectionSnapshot extends ConnectionInfo {
  /**
   * `'handshake'` until the client has logged in; `'open'`; `'closing'` when the connection takes no further requests,
   * because the server is closing or the connection has ended with an error.
   */
  readonly state: 'handshake' | 'open' | 'closing';
  /** When the server accepted the connection. */
  readonly connectedAt: Date;
  /** Name that the program of the client gives itself, not verified, at most 200 characters; undefined if it gives none. */
  readonly agent: string | undefined;
  /** Version and cipher of TLS; undefined without TLS, and until its handshake is complete. */
  readonly tls: TlsSnapshot | undefined;
  /** Bytes received, including frame headers. */
  readonly bytesReceived: number;
  /** Bytes sent, including frame headers. */
  readonly bytesSent: number;
  /** Requests that have not ended, in the order of their arrival. */
  readonly requests: readonly RequestSnapshot[];
}

/** The encryption of a connection. */
export interface TlsSnapshot {
  /** For example `'TLSv1.3'`. */
  readonly protocol: string;
  /** Name of the cipher suite in the standards, for example `'TLS_AES_256_GCM_SHA384'`. */
  readonly cipher: string;
}

/** How far a request is. Times are those of the monotonic clock, in ms. */
export interface RequestProgress {
  readonly arrivedMs: number;
  /** Undefined while the request waits. */
  readonly runningSinceMs: number | undefined;
  readonly bytes: number;
}

/** The parts of a connection, as a snapshot needs them. */
export interface ConnectionParts {
  readonly session: { readonly ended: boolean; readonly accepting: boolean };
  readonly endpoint: { readonly bytesRead: number; readonly bytesWritten: number };
  /** The stream of the connection, above TLS. */
  readonly stream: unknown;
  /** Milliseconds since 1970. */
  readonly connectedAt: number;
  readonly agent: string | undefined;
  readonly requests: readonly RequestSnapshot[];
}

export function connectionSnapshot(info: ConnectionInfo, parts: ConnectionParts): ConnectionSnapshot {
  const { session, endpoint, stream, connectedAt, agent, requests } = parts;
  const openState = info.codec === undefined ? 'handshake' : 'open';
  return {
    ...info,
    state: session.ended || !session.accepting ? 'closing' : openState,
    connectedAt: new Date(connectedAt),
    agent,
    tls: tlsSnapshot(stream),
    bytesReceived: endpoint.bytesRead,
    bytesSent: endpoint.bytesWritten,
    requests,
  };
}

export function requestSnapshot(
  { connection: _, ...about }: RequestStart,
  { arrivedMs, runningSinceMs, bytes }: RequestProgress,
): RequestSnapshot {
  const now = systemClock();
  const seconds = runningSinceMs === undefined ? Infinity : (now - runningSinceMs) / 1_000;
  return {
    ...about,
    state: runningSinceMs === undefined ? 'queued' : 'running',
    // A clock that is set while a request runs must not change how long it has run.
    startedAt: new Date(Date.now() - (now - arrivedMs)),
    bytes,
    bytesPerSecond: seconds > 0 ? Math.round(bytes / seconds) : 0,
  };
}

/** The encryption of a stream; undefined if it is none of TLS, or closed, or in its handshake. */
function tlsSnapshot(stream: unknown): TlsSnapshot | undefined {
  if (!(stream instanceof TLSSocket) || stream.destroyed) return undefined;
  const protocol = stream.getProtocol();
  // Not declared: Node has none before the end of the handshake, although it may know the protocol.
  const cipher: Partial<CipherNameAndProtocol> | undefined = stream.getCipher();
  if (protocol === null || cipher?.standardName === undefined) return undefined;
  return { protocol, cipher: cipher.standardName };
}

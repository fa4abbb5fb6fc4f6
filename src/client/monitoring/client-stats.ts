/** The counters of a client, as a program gets them. */
import type { ClientContext } from '../request/client-context.js';

/** The counters that `client.stats()` returns. */
export interface ClientStats {
  /** Open connections: the server has sent its `welcome`. */
  readonly connections: number;
  /** Connections since the start to which the server has sent its `welcome`. */
  readonly totalConnections: number;
  /** Connections that ended before the `welcome` since the start: no server, or it has refused the connection or the login. */
  readonly failedConnections: number;
  /** Connections that ended with an error after the `welcome` since the start. */
  readonly lostConnections: number;
  /** Requests that run, wait or are paused now, `ping()` and `connect()` included. */
  readonly activeRequests: number;
  /** Requests that succeeded since the start. */
  readonly succeededRequests: number;
  /** Requests that failed since the start. */
  readonly failedRequests: number;
  /** Requests that the program cancelled since the start, by a signal or by destroying their stream. */
  readonly cancelledRequests: number;
  /** Times that a request was sent again since the start, after a lost connection or because the server has asked for it. */
  readonly retries: number;
  /** Times that a request which had made progress continued on another connection. A part of `retries`. */
  readonly resumedTransfers: number;
  /** Bytes received since the start, including frame headers. */
  readonly bytesReceived: number;
  /** Bytes sent since the start, including frame headers. */
  readonly bytesSent: number;
  /** Bytes of files received over UDP since the start, those that arrive twice included. Not part of `bytesReceived`. */
  readonly udpBytesReceived: number;
  /** Bytes of files sent over UDP since the start, each byte once. Not part of `bytesSent`. */
  readonly udpBytesSent: number;
  /** Connections that carried large files over TCP since the start, although `transport` asks for UDP. */
  readonly fallbacks: number;
}

export function clientStats({ counters, dispatcher }: ClientContext): ClientStats {
  const { connections, totalConnections, failedConnections, lostConnections } = counters;
  const { requests, retries, resumedTransfers, bytesReceived, bytesSent } = counters;
  const { udpBytesReceived, udpBytesSent, fallbacks } = counters;
  return {
    ...{ connections, totalConnections, failedConnections, lostConnections },
    activeRequests: dispatcher.requests.length + dispatcher.paused.size,
    succeededRequests: requests.succeeded,
    failedRequests: requests.failed,
    cancelledRequests: requests.cancelled,
    ...{ retries, resumedTransfers, bytesReceived, bytesSent, udpBytesReceived, udpBytesSent, fallbacks },
  };
}

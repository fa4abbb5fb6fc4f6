/** The counters of a server. */

/** The counters that `server.stats()` returns. */
export interface ServerStats {
  /** Open connections. Does not count rejected ones. */
  readonly connections: number;
  /** Connections since the start, rejected ones included. */
  readonly totalConnections: number;
  /** Connections that were rejected since the start: by a limit, after rejected logins, or by TLS. */
  readonly rejectedConnections: number;
  /** Logins that were rejected since the start. */
  readonly rejectedLogins: number;
  /** Failures of the system to accept a connection since the start, e.g. EMFILE. */
  readonly acceptErrors: number;
  /** Requests that run now. */
  readonly activeRequests: number;
  /** Requests that wait for the strategy to run them. */
  readonly queuedRequests: number;
  /** Requests that succeeded since the start. */
  readonly servedRequests: number;
  /** Requests that failed or were cancelled since the start. */
  readonly failedRequests: number;
  /** Files and directories that listings left out since the start, because no path can name them. */
  readonly omittedNames: number;
  /** Sessions that the server knows, with and without a connection. */
  readonly sessions: number;
  /** Answers that it remembers for all sessions. */
  readonly rememberedAnswers: number;
  /** Bytes received since the start, including frame headers. */
  readonly bytesReceived: number;
  /** Bytes sent since the start, including frame headers. */
  readonly bytesSent: number;
  /** Connections that carry large files over UDP now. */
  readonly udpPaths: number;
  /** Bytes of files received over UDP since the start, those that arrive twice included. Not part of `bytesReceived`. */
  readonly udpBytesReceived: number;
  /** Bytes of files sent over UDP since the start, each byte once. Not part of `bytesSent`. */
  readonly udpBytesSent: number;
  /** UDP paths that have failed since the start, so that files continued over TCP. */
  readonly fallbacks: number;
}

/** The values behind {@link ServerStats}. */
export class ServerCounters {
  totalConnections = 0;
  rejectedConnections = 0;
  rejectedLogins = 0;
  acceptErrors = 0;
  activeRequests = 0;
  queuedRequests = 0;
  servedRequests = 0;
  failedRequests = 0;
  omittedNames = 0;
  /** Bytes of connections that have ended. */
  bytesReceived = 0;
  bytesSent = 0;
  udpBytesReceived = 0;
  udpBytesSent = 0;
  fallbacks = 0;

  /** A request has arrived and waits. */
  onQueued(): void {
    this.queuedRequests += 1;
  }

  /** The strategy runs a request that waited. */
  onStart(): void {
    this.queuedRequests -= 1;
    this.activeRequests += 1;
  }

  /** A request has ended. */
  onEnd(outcome: { wasStarted: boolean; error: unknown; omitted: number }): void {
    this.omittedNames += outcome.omitted;
    if (outcome.wasStarted) this.activeRequests -= 1;
    else this.queuedRequests -= 1;
    if (outcome.error === undefined) this.servedRequests += 1;
    else this.failedRequests += 1;
  }
}

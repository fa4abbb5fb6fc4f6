/** What a server counts. */

/** Counters of a server, as `server.stats()` gives them. */
export interface ServerStats {
  /** Connections that are open. */
  readonly connections: number;
  /** Connections since the start. */
  readonly totalConnections: number;
  /** Connections that were not served, because of a limit, of logins that were refused or of TLS, since the start. */
  readonly rejectedConnections: number;
  /** Logins that were refused, since the start. */
  readonly rejectedLogins: number;
  /** Requests being served. */
  readonly activeRequests: number;
  /** Requests that wait for the strategy to start them. */
  readonly queuedRequests: number;
  /** Requests that ended well, since the start. */
  readonly servedRequests: number;
  /** Requests that ended with an error, cancelled ones included, since the start. */
  readonly failedRequests: number;
  /** Bytes received, of frames and all, since the start. */
  readonly bytesReceived: number;
  /** Bytes sent, of frames and all, since the start. */
  readonly bytesSent: number;
}

/** The running count behind {@link ServerStats}. */
export class ServerCounters {
  totalConnections = 0;
  rejectedConnections = 0;
  rejectedLogins = 0;
  activeRequests = 0;
  queuedRequests = 0;
  servedRequests = 0;
  failedRequests = 0;
  /** Bytes of connections that are over. */
  bytesReceived = 0;
  bytesSent = 0;

  /** A request waits for its turn. */
  onQueued(): void {
    this.queuedRequests += 1;
  }

  /** A request has its turn. */
  onStart(): void {
    this.queuedRequests -= 1;
    this.activeRequests += 1;
  }

  /** A request is over. */
  onEnd(outcome: { wasStarted: boolean; error: unknown }): void {
    if (outcome.wasStarted) this.activeRequests -= 1;
    else this.queuedRequests -= 1;
    if (outcome.error === undefined) this.servedRequests += 1;
    else this.failedRequests += 1;
  }
}

/** What a client counts. */
import type { Endpoint } from '../../session/transport/endpoint.js';

/** How a request has ended. */
export type RequestOutcome = 'succeeded' | 'failed' | 'cancelled';

type Traffic = Pick<Endpoint, 'bytesRead' | 'bytesWritten' | 'udpBytesRead' | 'udpBytesWritten'>;

export class ClientCounters {
  totalConnections = 0;
  failedConnections = 0;
  lostConnections = 0;
  retries = 0;
  resumedTransfers = 0;
  readonly requests: Record<RequestOutcome, number> = { succeeded: 0, failed: 0, cancelled: 0 };
  /** Of connections whose server has sent `welcome`. */
  readonly #open = new Set<Traffic>();
  /** Bytes of connections that have ended. */
  #received = 0;
  #sent = 0;
  #udpReceived = 0;
  #udpSent = 0;
  /** Connections that carry large files over TCP, although the client asks for UDP. */
  fallbacks = 0;

  /** Number of open connections. */
  get connections(): number {
    return this.#open.size;
  }

  get bytesReceived(): number {
    return [...this.#open].reduce((sum, { bytesRead }) => sum + bytesRead, this.#received);
  }

  get bytesSent(): number {
    return [...this.#open].reduce((sum, { bytesWritten }) => sum + bytesWritten, this.#sent);
  }

  get udpBytesReceived(): number {
    return [...this.#open].reduce((sum, { udpBytesRead }) => sum + udpBytesRead, this.#udpReceived);
  }

  get udpBytesSent(): number {
    return [...this.#open].reduce((sum, { udpBytesWritten }) => sum + udpBytesWritten, this.#udpSent);
  }

  /** The server has sent `welcome`. */
  onOpen(connection: Traffic): void {
    this.totalConnections += 1;
    this.#open.add(connection);
  }

  /** A connection has ended, or could not be made. */
  onClose(connection: Traffic, error: unknown): void {
    if (!this.#open.delete(connection)) this.failedConnections += 1;
    else if (error !== undefined) this.lostConnections += 1;
    this.#received += connection.bytesRead;
    this.#sent += connection.bytesWritten;
    this.#udpReceived += connection.udpBytesRead;
    this.#udpSent += connection.udpBytesWritten;
  }

  /** A request is sent again. */
  onRetry(hadProgress: boolean): void {
    this.retries += 1;
    if (hadProgress) this.resumedTransfers += 1;
  }

  onRequestEnd(outcome: RequestOutcome): void {
    this.requests[outcome] += 1;
  }
}

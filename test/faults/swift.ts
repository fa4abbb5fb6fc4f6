/** Ends that come back at once and wait for nothing long, so that a check of thousands of cuts ends. */
import type { CodecName, FileClientOptions, FileServerOptions } from '../../src/index.js';

/** The four notations. */
export const codecs: readonly CodecName[] = ['binary', 'text', 'json', 'xml'];

/** The smallest window, so that small files need several. */
export const WINDOW_BYTES = 65_536;

/** Options of a server, besides its storage. */
export const swiftServer = {
  limits: { windowBytes: WINDOW_BYTES },
  keepAlive: { intervalMs: 250, timeoutMs: 1_000 },
  timeouts: { handshakeMs: 2_000, stallMs: 1_000 },
} satisfies FileServerOptions;

/** Options of a client behind a port. */
export function swift(port: number, codec: CodecName = 'binary'): FileClientOptions {
  return {
    port,
    codec,
    limits: { windowBytes: WINDOW_BYTES },
    reconnect: {
      maxAttempts: 10_000,
      maxElapsedMs: 20_000,
      minDelayMs: 1,
      maxDelayMs: 20,
      waitOnFirstConnect: true,
    },
    keepAlive: { intervalMs: 250, timeoutMs: 1_000 },
    timeouts: { connectMs: 2_000, stallMs: 2_000, responseMs: 5_000 },
  };
}

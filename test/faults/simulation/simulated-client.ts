/** The client of a simulated run: its times are short, so that a run reaches all of them. */
import { FileClient, type CodecName } from '../../../src/index.js';
import { WINDOW_BYTES } from '../fixtures/fast-ends.js';
import type { VirtualNetwork } from './virtual-network.js';

/** What a plan decides of the client. */
export interface ClientPlan {
  readonly codec: CodecName;
  readonly connection: 'persistent' | 'on-demand';
  readonly reconnect: boolean;
}

export function simulatedClient(plan: ClientPlan, network: VirtualNetwork): FileClient {
  return new FileClient({
    connect: network.connect,
    codec: plan.codec,
    connection: plan.connection,
    reconnect: plan.reconnect && {
      maxAttempts: 20,
      maxElapsedMs: 30_000,
      minDelayMs: 50,
      maxDelayMs: 1_000,
      waitOnFirstConnect: true,
    },
    limits: { windowBytes: WINDOW_BYTES },
    keepAlive: { timeoutMs: 2_000 },
    timeouts: { connectMs: 2_000, stallMs: 5_000, responseMs: 20_000, idleMs: 1_000 },
  });
}

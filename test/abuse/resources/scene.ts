/** A server under attack, a good client of it, and whether the attack leaves anything behind. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import type { FileClientOptions } from '../../../src/index.js';
import type { ClientAnswers } from './client-program.js';
import { Program } from './program.js';
import type { Holdings, ServerAnswers, ServerJob } from './server-program.js';

export const KIB = 1024;
export const MIB = 1024 * KIB;

/** Bytes of heap and buffers that may stay when an attack is over: compiled code, lists that have grown once. */
const MAX_LEFT_BYTES = 8 * MIB;

/** Milliseconds in which everything must be released: a lingering close takes two seconds. */
const MAX_RETURN_MS = 15_000;

export class Scene {
  readonly server: Program<ServerAnswers>;
  readonly port: number;

  /** Starts a server. */
  static async open(job: ServerJob = {}): Promise<Scene> {
    const server = new Program<ServerAnswers>('server-program', job);
    onTestFinished(() => server.stop());
    return new Scene(server, await server.ask('port', undefined));
  }

  private constructor(server: Program<ServerAnswers>, port: number) {
    this.server = server;
    this.port = port;
  }

  /** A well-behaved client that has been served before. */
  async client(options: FileClientOptions = {}): Promise<Program<ClientAnswers>> {
    const client = new Program<ClientAnswers>('client-program', { port: this.port, ...options });
    onTestFinished(() => client.stop());
    // Code that is compiled and objects that are made once are not part of the measurement.
    await client.ask('latency', 600);
    return client;
  }

  /** The resources of the server, after a garbage collection. */
  look(): Promise<Holdings> {
    return this.server.ask('look', undefined);
  }

  /** Fails unless the resources of the server return to their earlier level. Resolves with the remaining bytes. */
  async returnsTo(before: Holdings): Promise<number> {
    for (let waitedMs = 0; ; waitedMs += 100) {
      const now = await this.look();
      const more = whatIsMore(before, now);
      if (more === undefined) return Math.max(0, now.heapBytes - before.heapBytes);
      if (waitedMs > MAX_RETURN_MS) return expect.fail(`The server still has ${more}.`);
      await sleep(100);
    }
  }
}

function whatIsMore(before: Holdings, now: Holdings): string | undefined {
  for (const [kind, count] of Object.entries(now.resources)) {
    if (count > (before.resources[kind] ?? 0)) return `${count} of ${kind}`;
  }
  const { connections, activeRequests, queuedRequests } = now.stats;
  if (connections > before.stats.connections) return `${connections} connections`;
  if (activeRequests > 0) return `${activeRequests} requests that are served`;
  if (queuedRequests > 0) return `${queuedRequests} requests that wait`;
  const left = now.heapBytes - before.heapBytes;
  return left > MAX_LEFT_BYTES ? `${left} bytes more` : undefined;
}

/** The middle one of several numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

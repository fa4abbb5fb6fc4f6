/** The stream methods of a server by name. */
import { TransferError } from '../../errors.js';
import type { Duplex } from 'node:stream';

/** What the handler of a stream method gets besides its stream and input. */
export interface StreamContext {
  /** Aborted when the request is stopped: cancelled, or its connection is lost. */
  readonly signal: AbortSignal;
}

export type StreamHandler = (duplex: Duplex, input: unknown, context: StreamContext) => unknown;

export class StreamMethods {
  readonly #handlers = new Map<string, StreamHandler>();

  add(name: string, handler: StreamHandler): void {
    if (this.#handlers.has(name)) throw new TypeError(`The method ${name} exists already.`);
    this.#handlers.set(name, handler);
  }

  get(name: string): StreamHandler {
    const handler = this.#handlers.get(name);
    if (!handler) throw new TransferError('ENOTSUP', `Unknown method ${name}.`);
    return handler;
  }
}

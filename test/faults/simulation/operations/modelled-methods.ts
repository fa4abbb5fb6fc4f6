/** The methods of a simulated server, and what is true of their calls: each has a key of its own. */
import { once } from 'node:events';
import type { FileServer, TransferError } from '../../../../src/index.js';
import { TransferError as Failure } from '../../../../src/index.js';
import { pause } from '../../../support/doubles/virtual-time.js';

/** The input of a call. */
export interface CallInput {
  readonly key: string;
  readonly text: string;
  readonly takesMs: number;
  readonly fails: boolean;
}

/** The output of a call: `run` counts the runs of its method for the key. */
export interface CallOutput {
  readonly key: string;
  readonly text: string;
  readonly run: number;
}

/** What the handler of a stream has read. */
interface Seen {
  readonly pieces: Buffer[];
  isComplete: boolean;
}

/** The code with which a method fails. */
const FAILURE = 'ENOSPC';

export class ModelledMethods {
  readonly #runs = new Map<string, number>();
  readonly #streams = new Map<string, Seen>();

  share(server: FileServer): void {
    const call = (input: unknown): Promise<CallOutput> => this.#call(input as CallInput);
    server.method('call', call).method('call-again', { idempotent: true }, call);
    server.streamMethod('invert', async (duplex, input, { signal }) => {
      const { key } = input as { key: string };
      const seen: Seen = { pieces: [], isComplete: false };
      this.#run(key);
      this.#streams.set(key, seen);
      for await (const piece of duplex as AsyncIterable<Buffer>) {
        seen.pieces.push(piece);
        if (!duplex.write(inverted(piece))) await once(duplex, 'drain', { signal });
      }
      seen.isComplete = true;
      return { bytes: Buffer.concat(seen.pieces).length };
    });
  }

  /** How often a method has begun for a key. */
  runs(key: string): number {
    return this.#runs.get(key) ?? 0;
  }

  /** What is wrong with what the handler of a stream has read of `sent`; undefined if nothing is. */
  wrongStream(key: string, sent: Buffer, isDone: boolean): string | undefined {
    const seen = this.#streams.get(key);
    if (!seen) return isDone ? 'was done without its method' : undefined;
    const bytes = Buffer.concat(seen.pieces);
    if (isDone && !seen.isComplete) return 'was done before its method';
    if (seen.isComplete && bytes.length !== sent.length)
      return `ended for its method after ${bytes.length} bytes`;
    return bytes.equals(sent.subarray(0, bytes.length)) ? undefined : 'gave its method other bytes';
  }

  async #call({ key, text, takesMs, fails }: CallInput): Promise<CallOutput> {
    const run = this.#run(key);
    if (takesMs > 0) await pause(takesMs);
    if (fails) throw new Failure(FAILURE, 'As planned.', { details: { key } });
    return { key, text, run };
  }

  #run(key: string): number {
    const run = this.runs(key) + 1;
    this.#runs.set(key, run);
    return run;
  }
}

/** What the method `invert` makes of bytes. */
export function inverted(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte) => byte ^ 0xff));
}

/** Whether an error says of a method that it has failed by itself with this key. */
export function isFailureOf(error: TransferError, key: string): boolean {
  return error.code === FAILURE && (error.details as { key?: unknown } | undefined)?.key === key;
}

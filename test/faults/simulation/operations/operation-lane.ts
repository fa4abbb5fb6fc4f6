/** Sends the requests of one lane of a plan in sequence, and checks the answers with the models. */
import { TransferError, type FileClient } from '../../../../src/index.js';
import { contextOf } from '../../../../src/client/base-client.js';
import { downloadBatch } from '../../../../src/client/batches/download-batch.js';
import { uploadBatch } from '../../../../src/client/batches/upload-batch.js';
import { bytesOf } from '../../../support/bytes.js';
import { pause } from '../../../support/doubles/virtual-time.js';
import { givenBytes, givenPath, type ModelledFiles } from './modelled-files.js';
import { inverted, isFailureOf, type CallOutput, type ModelledMethods } from './modelled-methods.js';
import type { OperationStep, PlannedOperation } from './operation-plan.js';

/** Codes that say that a request was not served to its end. */
export const INTERRUPTIONS: readonly string[] = [
  'ECANCELED',
  'ETIMEDOUT',
  'ECONNRESET',
  'ECONNREFUSED',
  'ESHUTDOWN',
  'ENOTRECOVERABLE',
];

/** Bytes that a caller writes at once. */
const PIECE_BYTES = 20_000;

type StepOf<Kind extends OperationStep['kind']> = OperationStep & { readonly kind: Kind };

export class OperationLane {
  readonly wrong: string[] = [];
  requests = 0;
  done = 0;
  readonly #number: number;
  readonly #client: FileClient;
  readonly #methods: ModelledMethods;
  readonly #files: ModelledFiles;
  /** What can be checked only when nothing runs any more. */
  readonly #lastChecks: (() => Promise<void> | void)[] = [];

  constructor(
    number: number,
    client: FileClient,
    models: { methods: ModelledMethods; files: ModelledFiles },
  ) {
    this.#number = number;
    this.#client = client;
    this.#methods = models.methods;
    this.#files = models.files;
  }

  /** Resolves when every step has been answered, well or not. */
  async run(steps: readonly PlannedOperation[]): Promise<void> {
    for (const { step, afterMs, cancelMs } of steps) {
      if (afterMs > 0) await pause(afterMs);
      this.requests += 1;
      const abort = new AbortController();
      const timer = cancelMs === undefined ? undefined : setTimeout(() => abort.abort(), cancelMs);
      try {
        await this.#perform(step, abort.signal);
      } finally {
        clearTimeout(timer);
      }
    }
  }

  /** To be called when the server has closed. */
  async check(): Promise<void> {
    for (const check of this.#lastChecks) await check();
  }

  #perform(step: OperationStep, signal: AbortSignal): Promise<void> {
    const key = `${this.#number}-${this.requests}`;
    switch (step.kind) {
      case 'call':
        return this.#call(key, step, signal);
      case 'stream':
        return this.#stream(key, step, signal);
      case 'upload-batch':
        return this.#uploadBatch(key, step, signal);
      case 'download-batch':
        return this.#downloadBatch(key, step, signal);
    }
  }

  async #call(key: string, step: StepOf<'call'>, signal: AbortSignal): Promise<void> {
    const { idempotent, bytes, fails, takesMs } = step;
    const input = { key, text: key.padEnd(bytes, '.'), takesMs, fails };
    const about = `the call ${key}`;
    const runs = (): number => this.#methods.runs(key);
    if (!idempotent)
      this.#lastChecks.push(() => this.#assert(runs() <= 1, `${about} has run ${runs()} times`));
    try {
      const output = (await this.#client.call(idempotent ? 'call-again' : 'call', input, {
        signal,
      })) as CallOutput;
      this.done += 1;
      this.#assert(
        output.key === key && output.text === input.text,
        `${about} was answered as ${output.key}`,
      );
      this.#assert(!fails && output.run <= runs(), `${about} was answered before it has run`);
    } catch (thrown) {
      const error = this.#failed(thrown, about);
      const isOwn = isFailureOf(error, key);
      if (isOwn) this.#assert(fails && runs() > 0, `${about} failed without its method`);
      else this.#assert(INTERRUPTIONS.includes(error.code), `${about} failed with ${error.code}`);
      const isDenied = !isOwn && !idempotent && !error.outcomeUnknown && error.code !== 'ENOTRECOVERABLE';
      if (isDenied)
        this.#lastChecks.push(() => this.#assert(runs() === 0, `${about} has run after ${error.code}`));
    }
  }

  async #stream(key: string, { bytes }: StepOf<'stream'>, signal: AbortSignal): Promise<void> {
    const sent = bytesOf(bytes, this.#number * 10 + this.requests);
    const about = `the stream ${key}`;
    const stream = this.#client.open('invert', { key }, { signal });
    const received: Buffer[] = [];
    let isDone = false;
    stream.on('data', (piece: Buffer) => void received.push(piece));
    try {
      for (let at = 0; at < sent.length; at += PIECE_BYTES) stream.write(sent.subarray(at, at + PIECE_BYTES));
      stream.end();
      const output = (await stream.result) as { bytes: number };
      isDone = true;
      this.done += 1;
      this.#assert(output.bytes === bytes, `${about} was answered with ${output.bytes} of ${bytes} bytes`);
      this.#assert(Buffer.concat(received).length === bytes, `${about} lacks bytes`);
    } catch (thrown) {
      const { code } = this.#failed(thrown, about);
      this.#assert(INTERRUPTIONS.includes(code), `${about} failed with ${code}`);
    }
    const all = Buffer.concat(received);
    this.#assert(all.equals(inverted(sent).subarray(0, all.length)), `${about} has other bytes`);
    this.#lastChecks.push(() => {
      const wrong = this.#methods.wrongStream(key, sent, isDone);
      this.#assert(wrong === undefined, `${about} ${wrong}`);
      this.#assert(this.#methods.runs(key) <= 1, `${about} was opened ${this.#methods.runs(key)} times`);
    });
  }

  async #uploadBatch(key: string, { sizes }: StepOf<'upload-batch'>, signal: AbortSignal): Promise<void> {
    const files = sizes.map((size, index) => ({
      path: `batch/${key}-${index}`,
      bytes: bytesOf(size, index + 1),
    }));
    for (const { path, bytes } of files) this.#lastChecks.push(() => this.#checkStored(path, bytes));
    const about = `the batch of uploads ${key}`;
    try {
      const outcomes = await uploadBatch(contextOf(this.#client), files, { signal });
      this.done += 1;
      this.#assert(outcomes.length === files.length, `${about} has ${outcomes.length} outcomes`);
      for (const [index, { file, ...outcome }] of outcomes.entries()) {
        this.#assert(file === files[index], `${about} has its outcomes in another order`);
        if (outcome.error) this.#checkRefused(file.path, outcome.error);
        else this.#assert(outcome.entry.path === file.path, `${about} has stored ${outcome.entry.path}`);
        if (!outcome.error) this.#lastChecks.push(() => this.#checkTimes(file.path, 1));
      }
    } catch (thrown) {
      const { code } = this.#failed(thrown, about);
      this.#assert(INTERRUPTIONS.includes(code), `${about} failed with ${code}`);
    }
  }

  async #downloadBatch(key: string, { files }: StepOf<'download-batch'>, signal: AbortSignal): Promise<void> {
    const asked = files.map((number) => ({ path: givenPath(number), number }));
    const about = `the batch of downloads ${key}`;
    try {
      const outcomes = await downloadBatch(contextOf(this.#client), asked, { signal });
      this.done += 1;
      this.#assert(outcomes.length === files.length, `${about} has ${outcomes.length} outcomes`);
      for (const [index, { file, ...outcome }] of outcomes.entries()) {
        this.#assert(file === asked[index], `${about} has its outcomes in another order`);
        const exists = file.number % 2 === 0;
        if (!outcome.error) {
          this.#assert(exists && outcome.bytes.equals(givenBytes(file.number)), `${about} has other bytes`);
        } else if (outcome.error.code !== 'ENOENT' || exists) {
          const { code } = outcome.error;
          this.#assert(INTERRUPTIONS.includes(code), `${about}: ${file.path} failed with ${code}`);
        }
      }
    } catch (thrown) {
      const { code } = this.#failed(thrown, about);
      this.#assert(INTERRUPTIONS.includes(code), `${about} failed with ${code}`);
    }
  }

  #checkRefused(path: string, { code, outcomeUnknown }: TransferError): void {
    this.#assert(INTERRUPTIONS.includes(code), `${path} failed with ${code}`);
    if (!outcomeUnknown) this.#lastChecks.push(() => this.#checkTimes(path, 0));
  }

  #checkTimes(path: string, times: number): void {
    const stored = this.#files.timesStored(path);
    this.#assert(stored === times, `${path} was stored ${stored} times, not ${times}`);
  }

  async #checkStored(path: string, bytes: Buffer): Promise<void> {
    const stored = await this.#files.bytesAt(path);
    this.#assert(this.#files.timesStored(path) <= 1, `${path} was stored more than once`);
    this.#assert(!stored || bytes.equals(stored), `${path} has other bytes`);
  }

  #failed(thrown: unknown, about: string): TransferError {
    if (thrown instanceof TransferError) return thrown;
    throw new Error(`${about} failed in another way`, { cause: thrown });
  }

  #assert(isTrue: boolean, otherwise: string): void {
    if (!isTrue) this.wrong.push(otherwise);
  }
}

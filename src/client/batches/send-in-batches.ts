/**
 * One batch of files, repeated until each file has its outcome: after a batch that was interrupted, the files that the
 * server has not begun are sent again; one that it has carried out without an answer is looked for.
 *
 *     files -> requests -> sendBatch -> answers              -> results
 *                                    -> without an answer    -> findUnanswered
 *                                    -> not carried out      -> sendBatch
 *                       -> ENOTSUP: a server without batches -> sendAlone
 */
import { TransferError, withOutcome } from '../../errors.js';
import type { CallOptions } from '../request/abort.js';
import { throwIfAborted } from '../request/abort.js';
import type { ClientContext } from '../request/client-context.js';
import type { BatchResult } from './batch-answers.js';
import { sendBatch } from './send-batch.js';
import type { BatchedRequest } from './encode-batch.js';

/** What has become of a file: a result, or an error. */
export type FileOutcome<File, Result> =
  | ({ readonly file: File; readonly error?: undefined } & Result)
  | { readonly file: File; readonly error: TransferError };

/** A batch may be sent several times, so that it has no time limit of its own. */
export type BatchOptions = Pick<CallOptions, 'signal'>;

/** How files are sent. */
export interface FileBatch<File, Result> {
  readonly operation: 'download' | 'upload';
  readonly options: BatchOptions;
  /** The request for a file. Throws a TransferError for one that cannot be sent. */
  requestOf(file: File): BatchedRequest;
  /** The result of an answer. Throws a TransferError for one that is not possible. */
  resultOf(file: File, answer: BatchResult): Result;
  /** Sends a file in a request of its own. */
  sendAlone(file: File): Promise<Result>;
  /** The result of a file that was carried out, but not answered, or the error. Default: it is sent again. */
  readonly findUnanswered?: (file: File, error: TransferError) => Promise<Result>;
}

/** The clients of servers that know no batches. */
const withoutBatches = new WeakSet<ClientContext>();

/** Files that are sent at once where there are no batches. */
const MAX_ALONE = 16;

interface Sent<File> {
  readonly file: File;
  readonly request: BatchedRequest;
  readonly index: number;
}

/** The outcomes of files in their order. Rejects when the options end the call. */
export async function sendInBatches<File extends { readonly path: string }, Result extends object>(
  context: ClientContext,
  files: readonly File[],
  batch: FileBatch<File, Result>,
): Promise<FileOutcome<File, Result>[]> {
  const sender = new FileSender(context, files, batch);
  return sender.run();
}

class FileSender<File extends { readonly path: string }, Result extends object> {
  readonly #context: ClientContext;
  readonly #files: readonly File[];
  readonly #batch: FileBatch<File, Result>;
  readonly #outcomes: FileOutcome<File, Result>[] = [];

  constructor(context: ClientContext, files: readonly File[], batch: FileBatch<File, Result>) {
    this.#context = context;
    this.#files = files;
    this.#batch = batch;
  }

  async run(): Promise<FileOutcome<File, Result>[]> {
    let left: readonly Sent<File>[] = this.#sendable();
    while (left.length > 0) {
      throwIfAborted(this.#batch.options.signal);
      left = await (withoutBatches.has(this.#context) ? this.#sendAlone(left) : this.#send(left));
    }
    return this.#outcomes;
  }

  /** The files that have a request; the others have failed. */
  #sendable(): Sent<File>[] {
    const sendable: Sent<File>[] = [];
    for (const [index, file] of this.#files.entries()) {
      try {
        sendable.push({ file, request: this.#batch.requestOf(file), index });
      } catch (thrown) {
        this.#fail({ file, index }, thrown);
      }
    }
    return sendable;
  }

  /** Sends a batch. Returns the files to send again. */
  async #send(files: readonly Sent<File>[]): Promise<readonly Sent<File>[]> {
    const { options, operation, findUnanswered } = this.#batch;
    const isChange = operation === 'upload';
    const plan = { requests: files.map(({ request }) => request), isChange };
    let outcome;
    try {
      outcome = await sendBatch(this.#context, plan, options);
    } catch (thrown) {
      return this.#handleError(files, thrown);
    }
    const { answers, count } = outcome;
    for (const [index, answer] of answers.entries()) {
      const sent = files[index];
      if (!sent) break;
      if (answer instanceof TransferError) this.#fail(sent, answer);
      else this.#settleAnswer(sent, answer);
    }
    const done = findUnanswered ? count : answers.length;
    if (done === 0)
      return this.#failAll(files, new TransferError('EIO', 'The server has served no request.'));
    if (done > answers.length) await this.#find(files.slice(answers.length, done), lostAnswer());
    return files.slice(done);
  }

  async #handleError(files: readonly Sent<File>[], thrown: unknown): Promise<readonly Sent<File>[]> {
    if (!(thrown instanceof TransferError)) throw thrown;
    throwIfAborted(this.#batch.options.signal);
    if (thrown.code === 'ENOTSUP' && !thrown.outcomeUnknown) {
      withoutBatches.add(this.#context);
      return files;
    }
    if (!thrown.outcomeUnknown) return this.#failAll(files, thrown);
    await this.#find(files, thrown);
    return [];
  }

  /** Looks for files whose answers were lost. */
  async #find(files: readonly Sent<File>[], error: TransferError): Promise<void> {
    const { findUnanswered } = this.#batch;
    if (!findUnanswered) return void this.#failAll(files, error);
    for (const sent of files)
      await this.#settle(sent, () => findUnanswered(sent.file, withOutcome(error, true)));
  }

  async #sendAlone(files: readonly Sent<File>[]): Promise<[]> {
    const waiting = files.values();
    const worker = async (): Promise<void> => {
      for (const sent of waiting) await this.#settle(sent, () => this.#batch.sendAlone(sent.file));
    };
    await Promise.all(Array.from({ length: MAX_ALONE }, worker));
    throwIfAborted(this.#batch.options.signal);
    return [];
  }

  async #settle(sent: Sent<File>, result: () => Promise<Result>): Promise<void> {
    const { file, index } = sent;
    try {
      this.#outcomes[index] = { file, ...(await result()) };
    } catch (thrown) {
      this.#fail(sent, thrown);
    }
  }

  #settleAnswer(sent: Sent<File>, answer: BatchResult): void {
    const { file, index } = sent;
    try {
      this.#outcomes[index] = { file, ...this.#batch.resultOf(file, answer) };
    } catch (thrown) {
      this.#fail(sent, thrown);
    }
  }

  #failAll(files: readonly Sent<File>[], error: TransferError): [] {
    for (const sent of files) this.#fail(sent, error);
    return [];
  }

  #fail({ file, index }: Pick<Sent<File>, 'file' | 'index'>, thrown: unknown): void {
    if (!(thrown instanceof TransferError)) throw thrown;
    const { operation } = this.#batch;
    this.#outcomes[index] = { file, error: TransferError.from(thrown, { operation, path: file.path }) };
  }
}

function lostAnswer(): TransferError {
  const reason = 'The answer of the server was lost, and the path has other bytes.';
  return new TransferError('ECONNRESET', reason, { outcomeUnknown: true });
}

/**
 * The operation `batch`: many small requests in one body, and their answers in another. It saves what a channel, a queue and
 * a frame of their own cost for each small file.
 *
 *     body -> BatchRequests -> permissions -> batchedOperations, some at once -> BatchAnswers, in order -> body
 *
 * A request of the batch that fails is answered with its error, and the batch continues. What ends the batch itself, such as
 * a lost connection, ends it between two requests: `count` says how many were carried out, so that the others, and no
 * other, can be sent again.
 */
import { bufferPool } from '../../../buffers/buffer-pool.js';
import { TransferError } from '../../../errors.js';
import { BodyChecksum } from '../../../protocol/body-checksum.js';
import { parseChecksumAlgorithm, type ChecksumAlgorithm } from '../../../protocol/checksum.js';
import type { Storage } from '../../../storage/storage.js';
import type { AnswerFields } from '../../../session/channel/server-channel.js';
import type { Exchange } from '../../request/exchange.js';
import type { Operation, OperationContext } from '../operation.js';
import { checkUploadEnd } from '../upload-result.js';
import { BatchAnswers } from './batch-answers.js';
import { BatchRequests, type BatchedRequest } from './batch-requests.js';
import { batchedOperations, type BatchedAnswer, type BatchedOperation } from './batched-operations.js';

/** Requests of one batch that run at once: enough for a disk that flushes files, or for a storage behind a network. */
const MAX_RUNNING = 16;

/** Requests that are started together when as many have ended. */
const MAX_STARTED = MAX_RUNNING / 2;

export const batch: Operation = {
  takesBody: true,
  // Each of its requests has needs of its own.
  needs: () => [],
  async run(exchange, service) {
    const { checksum } = exchange.request;
    const algorithm = checksum === undefined ? service.checksum : parseChecksumAlgorithm(checksum);
    exchange.accept({ window: exchange.receiveWindow(service.windowBytes), checksum: algorithm });
    return new Batch(exchange, service, algorithm).run();
  },
};

type Outcome = BatchedAnswer | TransferError;

class Batch {
  readonly #exchange: Exchange;
  readonly #algorithm: ChecksumAlgorithm;
  readonly #answers: BatchAnswers;
  /** Answers that were not added yet, in the order of their requests. They never reject. */
  readonly #running: Promise<Outcome>[] = [];
  #service: OperationContext;
  #started = 0;
  #answered = 0;

  constructor(exchange: Exchange, service: OperationContext, algorithm: ChecksumAlgorithm) {
    this.#exchange = exchange;
    this.#service = service;
    this.#algorithm = algorithm;
    this.#answers = new BatchAnswers(exchange, service.codec, algorithm);
  }

  async run(): Promise<AnswerFields<'result'>> {
    try {
      await this.#serveAll();
    } catch (error) {
      await Promise.all(this.#running);
      if (this.#started === 0) throw error;
      // The client must know how far the batch came. Its answers may be incomplete.
      return { count: this.#started };
    }
    const { check } = this.#answers;
    return { count: this.#started, bytes: check.bytes, checksum: check.digest() };
  }

  async #serveAll(): Promise<void> {
    const { reader } = this.#exchange;
    const requests = new BatchRequests(this.#service.codec);
    const check = new BodyChecksum(this.#algorithm);
    while (!reader.bodyConsumed) {
      const pieces = await reader.read();
      if (!pieces) break;
      reader.addTo(check, pieces);
      for (const piece of pieces) await this.#serveSome(requests.decode(piece));
      bufferPool.releaseAll(pieces);
      // Before the next wait: a client may wait for an answer before it sends more.
      while (this.#running.length > 0) await this.#answerNext();
      await this.#answers.flush();
    }
    requests.end();
    checkUploadEnd(reader.end, check);
  }

  async #serveSome(requests: readonly BatchedRequest[]): Promise<void> {
    for (const batched of requests) {
      // Several are started together, because requests of one tick share the directory that they open.
      if (this.#running.length >= MAX_RUNNING)
        for (let count = 0; count < MAX_STARTED; count++) await this.#answerNext();
      const checking = this.#serve(batched);
      if (checking) await checking;
    }
  }

  /**
   * Starts a request when its permissions are checked: in order, so that those before `#started` are carried out. Returns a
   * promise only if the check takes time.
   */
  #serve(batched: BatchedRequest): Promise<void> | undefined {
    this.#exchange.throwIfCancelled();
    try {
      const operation = operationOf(batched);
      const needed = this.#service.access.storageFor(operation.needs(batched.request), this.#exchange);
      const run = (storage: Storage): void => {
        const service = this.#serviceWith(storage);
        this.#add(operation.run(batched, { exchange: this.#exchange, service, algorithm: this.#algorithm }));
      };
      if (needed instanceof Promise) return needed.then(run).catch((thrown: unknown) => this.#refuse(thrown));
      run(needed);
    } catch (thrown) {
      this.#refuse(thrown);
    }
    return undefined;
  }

  #refuse(thrown: unknown): void {
    this.#exchange.throwIfCancelled();
    this.#add(Promise.reject(TransferError.from(thrown)));
  }

  #add(outcome: Promise<Outcome>): void {
    this.#started += 1;
    this.#running.push(outcome.catch((thrown: unknown) => TransferError.from(thrown)));
  }

  async #answerNext(): Promise<void> {
    const outcome = await this.#running.shift();
    if (!outcome) return;
    this.#exchange.onProgress();
    this.#answered += 1;
    await this.#answers.add(this.#answered, outcome);
  }

  // Kept for the next request, which nearly always uses the same storage.
  #serviceWith(storage: Storage): OperationContext {
    if (this.#service.storage !== storage) this.#service = { ...this.#service, storage };
    return this.#service;
  }
}

function operationOf({ request: { op } }: BatchedRequest): BatchedOperation {
  const operation = batchedOperations.get(op);
  if (operation) return operation;
  throw new TransferError('ENOTSUP', `A batch cannot have the operation ${op}.`);
}

/**
 * The operation `batch`: many small requests in one body, and their answers in another. It saves what a channel, a queue and
 * a frame of their own cost for each small file.
 *
 *     body -> BatchRequests -> permissions, hooks -> batchedOperations, some at once -> BatchAnswers, in order -> body
 *
 * A request that nothing has to wait for is served without a promise, for a few ms at most until other work gets its turn.
 *
 * A request of the batch that fails is answered with its error, and the batch continues. What ends the batch itself, such as
 * a lost connection, ends it between two requests: `count` says how many were carried out, so that the others, and no
 * other, can be sent again.
 */
import { bufferPool } from '../../../buffers/buffer-pool.js';
import { TransferError } from '../../../errors.js';
import { isPromise, type MaybePromise } from '../../../maybe-promise.js';
import { BodyChecksum } from '../../../protocol/body-checksum.js';
import { parseChecksumAlgorithm, type ChecksumAlgorithm } from '../../../protocol/checksum.js';
import type { Storage } from '../../../storage/storage.js';
import type { AnswerFields } from '../../../session/channel/server-channel.js';
import type { EndOfBatched } from '../../hooks/batched-hooks.js';
import type { Exchange } from '../../request/exchange.js';
import type { Operation, OperationContext } from '../operation.js';
import { checkUploadEnd } from '../upload-result.js';
import { BatchAnswers } from './batch-answers.js';
import { BatchRequests, type BatchedRequest } from './batch-requests.js';
import {
  batchedOperations,
  type BatchContext,
  type BatchedAnswer,
  type BatchedOperation,
} from './batched-operations.js';
import { TimeSlice } from '../../loop-share/time-slice.js';

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
    exchange.accept({ window: exchange.receiveWindow(service.windowBytes()), checksum: algorithm });
    return new Batch(exchange, service, algorithm).run();
  },
};

type Outcome = BatchedAnswer | TransferError;

/** Carries a request out, or fails with its refusal. */
type Work = () => MaybePromise<BatchedAnswer>;

interface Permitted {
  readonly operation: BatchedOperation;
  readonly batched: BatchedRequest;
}

class Batch {
  readonly #exchange: Exchange;
  readonly #algorithm: ChecksumAlgorithm;
  readonly #answers: BatchAnswers;
  /** Answers that were not added yet, in the order of their requests. They never reject. */
  readonly #running: Promise<Outcome>[] = [];
  readonly #slice = new TimeSlice();
  #service: OperationContext;
  /** Resolves when all requests so far have begun; undefined before the first that had to wait. */
  #turn: Promise<void> | undefined;
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
      for (const piece of pieces) await this.#serveSome(requests, piece);
      bufferPool.releaseAll(pieces);
      // Before the next wait: a client may wait for an answer before it sends more.
      while (this.#running.length > 0) await this.#answerNext();
      await this.#answers.flush();
    }
    requests.end();
    checkUploadEnd(reader.end, check);
  }

  async #serveSome(requests: BatchRequests, piece: Uint8Array): Promise<void> {
    this.#slice.resume();
    if (this.#slice.isOver()) await this.#slice.next();
    for (const batched of requests.decode(piece)) {
      if (this.#slice.isOver()) await this.#slice.next();
      // Several are started together, because requests of one tick share the directory that they open.
      if (this.#running.length >= MAX_RUNNING)
        for (let count = 0; count < MAX_STARTED; count++) await this.#answerNext();
      const outcome = this.#serve(batched);
      if (isPromise(outcome) || this.#running.length > 0) this.#running.push(Promise.resolve(outcome));
      else {
        const sending = this.#answer(outcome);
        if (sending) await this.#slice.wait(sending);
      }
    }
    this.#slice.pause();
  }

  #serve(batched: BatchedRequest): MaybePromise<Outcome> {
    this.#exchange.throwIfCancelled();
    const onEnd = this.#service.batchedHooks.onStart(this.#exchange, batched.request);
    const work = this.#prepare(batched);
    const isNext = !isPromise(work) && !this.#turn;
    const outcome = isNext ? this.#begin(work) : this.#inTurn(work).catch(toError);
    if (!onEnd) return outcome;
    const tell = (settled: Outcome): Outcome => told(settled, { batched, onEnd });
    return isPromise(outcome) ? outcome.then(tell) : tell(outcome);
  }

  /** The work for a request, when permissions and hooks have allowed it, or its refusal. */
  #prepare(batched: BatchedRequest): MaybePromise<Work> {
    const { access, batchedHooks } = this.#service;
    try {
      const operation = operationOf(batched);
      const storage = access.storageFor(operation.needs(batched.request), this.#exchange);
      if (storage instanceof Promise || batchedHooks.canRefuse)
        return this.#allowed({ operation, batched }, storage).catch(refusal);
      const context = this.#contextWith(storage);
      const run = (): MaybePromise<BatchedAnswer> => operation.run(batched, context);
      return () => operation.check(batched, context)?.then(run) ?? run();
    } catch (thrown) {
      return refusal(thrown);
    }
  }

  async #allowed({ operation, batched }: Permitted, storage: Storage | Promise<Storage>): Promise<Work> {
    const context = this.#contextWith(await storage);
    await this.#service.batchedHooks.before(this.#exchange, batched.request);
    await operation.check(batched, context);
    await operation.beforeCommit?.(batched, context);
    return () => operation.run(batched, context);
  }

  /** Carries out a request after those before it have begun, so that the first `#started` requests are carried out. */
  async #inTurn(prepared: MaybePromise<Work>): Promise<Outcome> {
    const earlier = this.#turn;
    const { promise, resolve } = withResolver();
    this.#turn = promise;
    try {
      const work = await prepared;
      await earlier;
      this.#exchange.throwIfCancelled();
      return await this.#begin(work, resolve);
    } finally {
      resolve();
    }
  }

  #begin(work: Work, onBegin?: () => void): MaybePromise<Outcome> {
    this.#started += 1;
    onBegin?.();
    try {
      const answer = work();
      return isPromise(answer) ? answer.catch(toError) : answer;
    } catch (thrown) {
      return toError(thrown);
    }
  }

  async #answerNext(): Promise<void> {
    const outcome = await this.#running.shift();
    if (outcome) await this.#answer(outcome);
  }

  /** Returns a promise only when answers have to be sent. */
  #answer(outcome: Outcome): Promise<void> | undefined {
    this.#exchange.onProgress();
    this.#answered += 1;
    return this.#answers.add(this.#answered, outcome);
  }

  #contextWith(storage: Storage): BatchContext {
    // Kept for the next request, which nearly always uses the same storage.
    if (this.#service.storage !== storage) this.#service = { ...this.#service, storage };
    return { exchange: this.#exchange, service: this.#service, algorithm: this.#algorithm };
  }
}

function operationOf({ request: { op } }: BatchedRequest): BatchedOperation {
  const operation = batchedOperations.get(op);
  if (operation) return operation;
  throw new TransferError('ENOTSUP', `A batch cannot have the operation ${op}.`);
}

function refusal(thrown: unknown): Work {
  return () => {
    throw thrown;
  };
}

function toError(thrown: unknown): TransferError {
  return TransferError.from(thrown);
}

function told(
  outcome: Outcome,
  { batched, onEnd }: { readonly batched: BatchedRequest; readonly onEnd: EndOfBatched },
): Outcome {
  if (outcome instanceof TransferError) onEnd(batched.bytes.length, outcome);
  else onEnd(batched.bytes.length + (outcome.bytes?.length ?? 0), undefined);
  return outcome;
}

function withResolver(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((onResolve) => (resolve = onResolve));
  return { promise, resolve };
}

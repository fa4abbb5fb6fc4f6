/**
 * A stream method as a Duplex. `finish` means that the method has succeeded and has got all bytes.
 *
 *     open -> accept -> attach -> bytes both ways -> the server's `end` -> compared -> 'end'
 *                                                 -> result -> result resolves; 'finish', if this end has ended as well
 */
import type { Duplex } from 'node:stream';
import { protocolError, TransferError } from '../../errors.js';
import type { BodyChecksum } from '../../protocol/body-checksum.js';
import { assertAlgorithm } from '../../protocol/checksum.js';
import type { FrameOf } from '../../protocol/frames.js';
import { MAX_FIELD_VALUE_BYTES } from '../../protocol/limits.js';
import { decodeValue, encodeValue } from '../../protocol/methods/json-value.js';
import { methodName } from '../../protocol/methods/method-name.js';
import { rejectUnknownOptions } from '../../options/option.js';
import { ChannelDuplex, type Done } from '../../session/channel/channel-duplex.js';
import { Deferred } from '../connection/deferred.js';
import { callOptionNames, type CallOptions } from '../request/abort.js';
import type { ClientContext } from '../request/client-context.js';
import { Request } from '../request/request.js';
import type { RequestHandler } from '../request/request-handler.js';

/**
 * A Duplex to the handler of a stream method. It fails with a {@link TransferError}, with ECONNRESET after a lost connection.
 * A written buffer must not be changed. A listener for `error` is optional if `result` was taken from the stream.
 */
export interface MethodStream<Output = unknown> extends Duplex {
  /** The output of the method. Settles when the method has ended, and its last byte was read. */
  readonly result: Promise<Output>;
}

export interface StreamRequest {
  readonly name: string;
  readonly input: unknown;
  readonly options: CallOptions;
}

/** @internal */
export class MethodDuplex extends ChannelDuplex implements MethodStream {
  readonly #context: ClientContext;
  readonly #request: Request;
  readonly #output = new Deferred<unknown>();
  #input: string | undefined;
  #isAccepted = false;
  #answer: FrameOf<'result'> | undefined;
  #onFinal: Done | undefined;

  constructor(context: ClientContext, { name, input, options }: StreamRequest) {
    super();
    rejectUnknownOptions('open', options, callOptionNames);
    this.#context = context;
    this.#request = new Request(context, this.#handler(methodName(name)));
    const rule = { name: 'input', maxBytes: MAX_FIELD_VALUE_BYTES };
    this.#request.start(options, () => (this.#input = encodeValue(input, rule)));
  }

  get result(): Promise<unknown> {
    return this.#output.promise;
  }

  /** As of every stream, but the normal end of a loop leaves the other direction open. */
  override async *[Symbol.asyncIterator](): NodeJS.AsyncIterator<Buffer> {
    let isComplete = false;
    try {
      yield* this.iterator({ destroyOnReturn: false }) as NodeJS.AsyncIterator<Buffer>;
      isComplete = true;
    } finally {
      if (!isComplete) this.destroy();
    }
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#request.cancel();
    const isTaken = this.#output.reject(() => error ?? new TransferError('ECANCELED'));
    // The program learns of the error from the promise, so that the event need not end the process.
    if (isTaken) this.on('error', () => undefined);
    this.releaseWrite(error);
    done(error);
  }

  #handler(method: string): RequestHandler {
    const { checksum } = this.#context;
    return {
      wants: 'body',
      isIdempotent: () => false,
      isSafe: false,
      fields: () => ({ op: 'stream', checksum, method, value: this.#input }),
      onAccept: (frame) => this.#accept(frame),
      onReadable: () => this.pump(),
      // Before `accept`, no handler runs: a server that closes has not begun it, and another one can.
      repeatsAfter: ({ code, retryable }) =>
        !this.#isAccepted && code === 'ESHUTDOWN' && retryable ? 'later' : 'never',
      onTimeout: (error) => this.#fail(error),
      onEnd: (outcome) => {
        if (outcome instanceof TransferError) return this.#fail(outcome);
        this.#answer = outcome;
        this.pump();
        this.#complete();
      },
    };
  }

  #accept({ checksum }: FrameOf<'accept'>): void {
    assertAlgorithm(this.#context.checksum, checksum);
    this.#isAccepted = true;
    const { channel } = this.#request;
    if (channel) this.attach(channel, this.#context.checksum);
  }

  protected override compare(received: BodyChecksum, { size, checksum }: FrameOf<'end'>): void {
    received.compareAnswer({ bytes: size, checksum });
  }

  protected override onInputEnd(): void {
    this.#complete();
  }

  protected override onEndSent(done: Done): void {
    this.#onFinal = done;
    if (this.#isComplete) done();
  }

  get #isComplete(): boolean {
    return this.#answer !== undefined && this.isInputEnded;
  }

  #complete(): void {
    if (!this.#answer || !this.#isComplete || this.destroyed) return;
    const { value } = this.#answer;
    try {
      this.#output.resolve(value === undefined ? undefined : decodeValue(value));
    } catch (cause) {
      return this.#fail(protocolError('The output of a stream method is not a JSON value.', cause));
    }
    if (this.#onFinal) this.#onFinal();
    else this.#closeAfterEnd();
  }

  /** The method has ended before this end has: what is still written goes nowhere. Like a stream of HTTP/2 without an error. */
  #closeAfterEnd(): void {
    const close = (): void => {
      if (!this.writableFinished) this.destroy();
    };
    if (this.readableEnded) close();
    else this.once('end', close);
  }

  #fail(error: TransferError): void {
    this.destroy(TransferError.from(error, { operation: 'stream' }));
  }
}

/**
 * A watch as an async iterator. The first `next` sends the request, `return` cancels it.
 *
 *     channel -> WatchBody: verified frames -> #steps -> WatchedDirectory: events -> filter -> #events -> next
 *
 * The next frame is applied, and the next bytes are taken, when all events were given: the window of the channel holds a fast
 * server back. On another channel
 * the server begins with a snapshot, and what differs from the known entries is told.
 */
import { protocolError, TransferError, withCallStack } from '../../errors.js';
import { nextTurn } from '../../clock.js';
import { flagOption, integerOption, rejectUnknownOptions } from '../../options/option.js';
import { assertAlgorithm } from '../../protocol/checksum.js';
import type { FrameOf } from '../../protocol/frames.js';
import { DEFAULT_MAX_WATCHED_ENTRIES } from '../../protocol/limits.js';
import { parseDirectoryPath, type RemotePath } from '../../protocol/remote-path.js';
import { callOptionNames } from '../request/abort.js';
import type { ClientContext } from '../request/client-context.js';
import { assertSamePath, pathField } from '../request/path-argument.js';
import { Request } from '../request/request.js';
import type { RequestHandler } from '../request/request-handler.js';
import { filteredEvents } from './filtered-events.js';
import { WatchBody } from './watch-body.js';
import type { Watch, WatchEvent, WatchOptions } from './watch-event.js';
import { WatchedDirectory } from './watched-directory.js';

type Result = IteratorResult<WatchEvent, undefined>;

/** A verified frame, or the place from which on the frames are those of another channel. */
type Step = FrameOf<'change'> | 'restart';

const OPTION_NAMES = ['recursive', 'snapshot', 'filter', 'maxEntries', ...callOptionNames];

// No async generator: its `return` would wait for a pending `next`, and so for the server.
export class WatchIterator implements Watch {
  readonly #context: ClientContext;
  readonly #path: RemotePath;
  readonly #recursive: boolean;
  readonly #options: WatchOptions;
  readonly #directory: WatchedDirectory;
  #request: Request | undefined;
  #body: WatchBody | undefined;
  #wasAccepted = false;
  /** Number of the frames that were applied: it increases with the progress of the watch. */
  #applied = 0;
  /** What was received and is not applied yet. */
  #steps: Step[] = [];
  #nextStepIndex = 0;
  #events: WatchEvent[] = [];
  #nextIndex = 0;
  #stopped = false;
  #error: TransferError | undefined;
  #wake: (() => void) | undefined;
  #isWaiting = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(context: ClientContext, path: string, options: WatchOptions) {
    if (typeof (path as unknown) === 'object')
      throw new TypeError("watch() takes the path first: write watch('/', options) for the root.");
    rejectUnknownOptions('watch', options, OPTION_NAMES);
    const { filter } = options;
    if (filter !== undefined && typeof filter !== 'function')
      throw new TypeError(`The option filter must be a function, not ${typeof filter}.`);
    this.#context = context;
    this.#options = options;
    this.#path = parseDirectoryPath(path);
    this.#recursive = flagOption('recursive', options.recursive) ?? false;
    this.#directory = new WatchedDirectory({
      top: this.#path,
      recursive: this.#recursive,
      snapshot: flagOption('snapshot', options.snapshot) ?? false,
      maxEntries: integerOption('maxEntries', options.maxEntries, {
        min: 1,
        default: DEFAULT_MAX_WATCHED_ENTRIES,
      }),
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Result> {
    const result = this.#turn.then(() => this.#next());
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** Ends the watch. A pending `next` resolves without an event. */
  async return(): Promise<Result> {
    this.#stopped = true;
    this.#events = [];
    this.#wake?.();
    this.#request?.cancel();
    return { done: true, value: undefined };
  }

  /** Ends the watch. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  async #next(): Promise<Result> {
    try {
      const value = await this.#nextEvent();
      return value ? { done: false, value } : await this.return();
    } catch (thrown) {
      await this.return();
      if (!(thrown instanceof TransferError)) throw thrown;
      throw withCallStack(TransferError.from(thrown, { operation: 'watch', path: this.#path }));
    }
  }

  async #nextEvent(): Promise<WatchEvent | undefined> {
    while (!this.#stopped) {
      const event = this.#events[this.#nextIndex++];
      if (event) return event;
      this.#events = [];
      this.#nextIndex = 0;
      const request = this.#request ?? this.#start();
      const step = this.#nextStep(request);
      if (step) await this.#apply(step);
      else if ((request.channel?.bufferedBytes ?? 0) > 0) continue;
      else if (this.#error) throw this.#error;
      else await this.#wait(request);
    }
    return undefined;
  }

  #nextStep({ channel }: Request): Step | undefined {
    if (this.#nextStepIndex >= this.#steps.length) {
      this.#steps = (channel && this.#body?.take()) ?? [];
      this.#nextStepIndex = 0;
    }
    const step = this.#steps[this.#nextStepIndex];
    if (step) this.#nextStepIndex += 1;
    return step;
  }

  /** One by one: a few bytes that rename a directory can make an event for each entry in it. */
  #apply(step: Step): Promise<void> | undefined {
    const isFrame = step !== 'restart';
    this.#add(isFrame ? this.#directory.apply(step) : this.#directory.restart());
    if (isFrame) this.#applied += 1;
    const isLong = isFrame && step.event === 'renamed' && this.#options.filter !== undefined;
    return isLong ? nextTurn() : undefined;
  }

  #add(events: readonly WatchEvent[]): void {
    for (const event of events)
      for (const passed of filteredEvents(event, this.#options.filter, this.#directory))
        this.#events.push(passed);
  }

  async #wait(request: Request): Promise<void> {
    const woken = new Promise<void>((resolve) => (this.#wake = resolve));
    this.#isWaiting = true;
    request.resume();
    await woken;
    this.#isWaiting = false;
  }

  #start(): Request {
    this.#request = new Request(this.#context, this.#handler());
    const { signal, timeoutMs } = this.#options;
    this.#request.start({ signal, timeoutMs });
    return this.#request;
  }

  #handler(): RequestHandler {
    return {
      wants: 'body',
      isIdempotent: () => true,
      canPause: () => true,
      canGiveUpPlace: () => this.#wasAccepted && !this.#isWaiting,
      wantsMore: () => this.#isWaiting,
      isEndless: () => this.#directory.isComplete,
      progress: () => this.#applied,
      fields: () => ({
        op: 'watch',
        path: pathField(this.#path),
        recursive: this.#recursive || undefined,
        checksum: this.#context.checksum,
      }),
      onStart: () => {
        const channel = this.#request?.channel;
        this.#body = channel && new WatchBody(this.#context, channel);
      },
      onAccept: (frame) => this.#accept(frame),
      onInterrupt: () => {
        // What was not verified comes again.
        this.#body = undefined;
        this.#request?.channel?.cancel();
      },
      onReadable: () => this.#wake?.(),
      // The server may still count the watch of the lost connection.
      repeatsAfter: ({ code }) => (this.#wasAccepted && code === 'EAGAIN' ? 'later' : 'never'),
      onEnd: (outcome) => {
        const result = protocolError('The server has sent the result of a watch, which has none.');
        this.#error ??= outcome instanceof TransferError ? outcome : result;
        this.#wake?.();
      },
    };
  }

  #accept(frame: FrameOf<'accept'>): void {
    assertSamePath(this.#path, frame.path);
    if (frame.kind !== 'directory') throw protocolError('Only a directory can be watched.');
    assertAlgorithm(this.#context.checksum, frame.checksum);
    // What was verified before is told first.
    if (this.#wasAccepted) this.#steps.push('restart');
    this.#wasAccepted = true;
    this.#wake?.();
  }
}

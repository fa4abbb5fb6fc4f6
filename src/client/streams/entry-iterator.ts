/**
 * A listing as an async iterator. The first `next` sends the request, `return` cancels it.
 *
 *     channel -> #decode: checksum, decoder -> #addEntry: inside the directory? -> #entries -> next
 *
 * Entries have no order. When the channel is gone, all of them are requested again, and those that were given are skipped.
 */
import type { Decoder, FrameSink } from '../../codecs/codec.js';
import { protocolError, TransferError, withCallStack } from '../../errors.js';
import { BodyChecksum } from '../../protocol/body-checksum.js';
import { assertAlgorithm } from '../../protocol/checksum.js';
import { parseEntry, type FileEntry } from '../../protocol/entry.js';
import type { Frame, FrameOf, UnknownFrame } from '../../protocol/frames.js';
import { flagOption, rejectUnknownOptions } from '../../options/option.js';
import { parseDirectoryPath, REMOTE_ROOT, type RemotePath } from '../../protocol/remote-path.js';
import type { ClientChannel } from '../../session/channel/client-channel.js';
import { callOptionNames, type CallOptions } from '../request/abort.js';
import { assertSamePath, pathField } from '../request/path-argument.js';
import { Request } from '../request/request.js';
import type { RequestHandler } from '../request/request-handler.js';
import type { ClientContext } from '../request/client-context.js';

/** The options of a listing. */
export interface ListOptions extends CallOptions {
  /** Lists the contents of subdirectories, too. Default false. */
  recursive?: boolean | undefined;
}

/** A listing: its entries, and afterwards how many names it lacks. */
export interface Listing extends AsyncIterableIterator<FileEntry, undefined, undefined>, AsyncDisposable {
  /**
   * Number of files and directories that the server left out, because no path can name them: their names are not UTF-8,
   * have a backslash or a control character, or their paths are too long. What is below such a directory is not counted.
   * Undefined until the listing has ended with all its entries.
   */
  readonly omitted: number | undefined;
}

type Result = IteratorResult<FileEntry, undefined>;

/** The token of a `ping` that is decoded after the last entry; the server never sends it. */
const END_TOKEN = 0;

/** Bytes of the body that are decoded at once. */
const BATCH_BYTES = 64 * 1024;

/** Memory for the paths of the given entries: about 300,000 paths. A longer listing cannot be requested again. */
const MAX_GIVEN_BYTES = 32 * 1024 * 1024;

/** Memory of a path besides its characters, in an array and perhaps a Set. */
const PATH_BYTES = 56;

// No async generator: its `return` would wait for a pending `next`, and so for the server.
export class EntryIterator implements Listing {
  omitted: number | undefined;
  readonly #context: ClientContext;
  readonly #givenPath: string;
  readonly #options: ListOptions;
  #path: RemotePath = REMOTE_ROOT;
  #recursive = false;
  #request: Request | undefined;
  /** The last channel, which may have ended with bytes to decode. */
  #channel: ClientChannel | undefined;
  #decoder: Decoder;
  #check = new BodyChecksum('none');
  #entries: FileEntry[] = [];
  #nextIndex = 0;
  /** The paths of all entries so far, unless there are too many. */
  #given: RemotePath[] = [];
  #givenBytes = 0;
  /** Those that were given before the present request; undefined for the first one. */
  #givenBefore: Set<RemotePath> | undefined;
  #stopped = false;
  #ending = false;
  #complete = false;
  #outcome: FrameOf<'result'> | TransferError | undefined;
  #wake: (() => void) | undefined;
  #isWaiting = false;
  #isBusy = false;
  /** Calls of `next` while another one is processed. */
  readonly #queue: (() => void)[] = [];

  constructor(context: ClientContext, path: string, options: ListOptions) {
    this.#context = context;
    this.#givenPath = path;
    this.#options = options;
    this.#decoder = this.#newDecoder();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Result> {
    const value = this.#isBusy ? undefined : this.#entries[this.#nextIndex];
    if (!value) return this.#nextOfRequest();
    this.#nextIndex += 1;
    return Promise.resolve({ done: false, value });
  }

  async #nextOfRequest(): Promise<Result> {
    if (this.#isBusy) await new Promise<void>((resolve) => this.#queue.push(resolve));
    this.#isBusy = true;
    try {
      const value = await this.#nextEntry();
      return value ? { done: false, value } : await this.return();
    } catch (thrown) {
      await this.return();
      if (thrown instanceof TypeError) throw thrown;
      throw withCallStack(TransferError.from(thrown, { operation: 'list', path: this.#givenPath }));
    } finally {
      this.#isBusy = this.#queue.length > 0;
      this.#queue.shift()?.();
    }
  }

  /** Cancels the request. A pending `next` resolves without an entry. */
  async return(): Promise<Result> {
    this.#stopped = true;
    this.#entries = [];
    this.#given = [];
    this.#givenBefore = undefined;
    this.#wake?.();
    this.#request?.cancel();
    this.#channel?.cancel();
    return { done: true, value: undefined };
  }

  /** Stops the listing. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  async #nextEntry(): Promise<FileEntry | undefined> {
    while (!this.#stopped) {
      const entry = this.#entries[this.#nextIndex++];
      if (entry) return entry;
      if (this.#outcome instanceof TransferError) throw this.#outcome;
      const request = this.#request ?? this.#start();
      const channel = this.#channel;
      if (channel && channel.bufferedBytes > 0) this.#decode(channel);
      else if (this.#outcome) return this.#finish(this.#outcome);
      else await this.#wait(request);
    }
    return undefined;
  }

  async #wait(request: Request): Promise<void> {
    this.#isWaiting = true;
    request.resume();
    await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#isWaiting = false;
  }

  #start(): Request {
    if (typeof (this.#givenPath as unknown) === 'object') {
      throw new TypeError("list() takes the path first: write list('/', options) for the root.");
    }
    this.#path = parseDirectoryPath(this.#givenPath);
    rejectUnknownOptions('list', this.#options, ['recursive', ...callOptionNames]);
    this.#recursive = flagOption('recursive', this.#options.recursive) ?? false;
    this.#request = new Request(this.#context, this.#handler());
    this.#request.start(this.#options);
    return this.#request;
  }

  #handler(): RequestHandler {
    return {
      wants: 'body',
      isIdempotent: () => this.#givenBytes <= MAX_GIVEN_BYTES,
      canPause: () => this.#givenBytes <= MAX_GIVEN_BYTES,
      wantsMore: () => this.#isWaiting,
      // Entries that were given before do not count.
      progress: () => this.#givenBytes,
      fields: () => ({
        op: 'list',
        path: pathField(this.#path),
        recursive: this.#recursive || undefined,
        checksum: this.#context.checksum,
      }),
      onStart: () => {
        if (this.#channel) this.#givenBefore = new Set(this.#given);
        this.#channel?.cancel();
        this.#channel = this.#request?.channel;
        this.#decoder = this.#newDecoder();
      },
      onAccept: (frame) => {
        assertSamePath(this.#path, frame.path);
        if (frame.kind !== 'directory') throw protocolError('Only a directory can be listed.');
        const { checksum } = this.#context;
        assertAlgorithm(checksum, frame.checksum);
        this.#check = new BodyChecksum(checksum);
      },
      onReadable: () => this.#wake?.(),
      onTimeout: (error) => this.#fail(error),
      onEnd: (outcome) => {
        this.#outcome ??= outcome;
        this.#wake?.();
      },
    };
  }

  #newDecoder(): Decoder {
    const { codec, maxHeaderBytes } = this.#context;
    const sink: FrameSink = {
      frame: (frame) => this.#addEntry(frame),
      payload: () => undefined,
      error: (error) => this.#fail(error),
    };
    return codec.decoder(sink, { maxHeaderBytes, maxFrameBytes: 0 });
  }

  #decode(channel: ClientChannel): void {
    this.#entries = [];
    this.#nextIndex = 0;
    for (const piece of channel.take(BATCH_BYTES)) {
      channel.addTo(this.#check, piece);
      this.#decoder.write(piece);
      channel.consumed(piece.length);
    }
    // Entries next to an invalid one are not trusted.
    if (this.#outcome instanceof TransferError) this.#entries = [];
  }

  #addEntry(frame: Frame | UnknownFrame): void {
    if (this.#outcome instanceof TransferError || frame.type === 'unknown') return;
    if (frame.type === 'ping' && frame.token === END_TOKEN && this.#ending) {
      this.#complete = true;
      return;
    }
    if (frame.type !== 'entry') return this.#fail(invalid(`has a frame of the type ${frame.type}`));
    try {
      const entry = parseEntry(frame);
      if (!this.#contains(entry.path)) this.#fail(invalid('has a path outside the directory'));
      else if (!this.#givenBefore?.has(entry.path)) this.#give(entry);
    } catch {
      this.#fail(invalid('has an invalid entry'));
    }
  }

  #give(entry: FileEntry): void {
    this.#entries.push(entry);
    this.#givenBytes += entry.path.length + PATH_BYTES;
    if (this.#givenBytes <= MAX_GIVEN_BYTES) this.#given.push(entry.path);
    else this.#given = [];
  }

  #contains(path: RemotePath): boolean {
    const prefix = this.#path === REMOTE_ROOT ? '' : `${this.#path}/`;
    if (path === REMOTE_ROOT || !path.startsWith(prefix)) return false;
    return this.#recursive || !path.slice(prefix.length).includes('/');
  }

  #finish(result: FrameOf<'result'>): undefined {
    this.#check.compareAnswer({ bytes: result.bytes, checksum: result.checksum });
    // The decoder reads this frame as one only if the last entry was complete.
    this.#ending = true;
    this.#decoder.write(this.#context.codec.encode({ type: 'ping', token: END_TOKEN }));
    if (!this.#complete) throw invalid('ends in the middle of an entry');
    this.omitted = result.omitted ?? 0;
  }

  #fail(error: TransferError): void {
    if (!(this.#outcome instanceof TransferError)) this.#outcome = error;
    this.#wake?.();
  }
}

function invalid(reason: string): TransferError {
  return new TransferError('EPROTO', `The listing ${reason}.`);
}

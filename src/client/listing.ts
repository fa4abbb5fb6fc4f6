/** A listing: entries come as they arrive, each checked to be inside what was asked for. */
import type { Codec, Decoder } from '../codecs/codec.js';
import { TransferError } from '../errors.js';
import { BodyCheck, parseChecksumAlgorithm } from '../protocol/checksum.js';
import { parseEntry, type Entry } from '../protocol/entry.js';
import type { Frame, FrameOf, UnknownFrame } from '../protocol/frames.js';
import { refuseUnknown } from '../protocol/option.js';
import { ROOT, type RemotePath } from '../protocol/remote-path.js';
import type { ClientChannel } from '../session/client-channel.js';
import { checkNotAborted, onAbort } from './abort.js';
import { checkEcho, pathField, type CallOptions, type Requester } from './request.js';

/** What to list. */
export interface ListOptions extends CallOptions {
  /** Whether to list what the directories hold, too. Default false. */
  recursive?: boolean | undefined;
}

/** Stands in a frame after the last entry, which is never sent. */
const END_TOKEN = 0;

/** Bytes of the body that are decoded before the entries in them are handed out. */
const BATCH_BYTES = 64 * 1024;

/** A request for a listing, and what comes of it. */
export class Listing {
  readonly #codec: Codec;
  readonly #path: RemotePath;
  readonly #recursive: boolean;
  readonly #decoder: Decoder;
  readonly #channel: ClientChannel;
  readonly #stopListening: () => void;
  #check = new BodyCheck('none');
  #entries: Entry[] = [];
  #stopped = false;
  #ending = false;
  #complete = false;
  #outcome: FrameOf<'result'> | TransferError | undefined;
  #wake: (() => void) | undefined;

  constructor(requester: Requester, path: RemotePath, options: ListOptions) {
    refuseUnknown('list', options, ['recursive', 'signal']);
    checkNotAborted(options.signal);
    this.#codec = requester.codec;
    this.#path = path;
    this.#recursive = options.recursive ?? false;
    this.#decoder = requester.codec.decoder(
      {
        frame: (frame) => this.#entry(frame),
        payload: () => undefined,
        error: (error) => this.#fail(error),
      },
      { maxHeaderBytes: requester.maxHeaderBytes, maxFrameBytes: 0 },
    );
    const fields = {
      op: 'list',
      path: pathField(path),
      recursive: this.#recursive || undefined,
      checksum: requester.checksum,
    };
    this.#channel = requester.request(fields, 'body', {
      accepted: (frame) => this.#accepted(frame),
      readable: () => this.#wake?.(),
      closed: (outcome) => {
        this.#outcome ??= outcome;
        this.#wake?.();
      },
    });
    this.#stopListening = onAbort(options.signal, (error) => this.#fail(error));
  }

  /** The next entries, some at once; undefined at the end, and after `stop`. */
  async next(): Promise<Entry[] | undefined> {
    for (;;) {
      if (this.#stopped) return undefined;
      if (this.#outcome instanceof TransferError) throw this.#outcome;
      if (this.#channel.waitingBytes > 0) this.#decode();
      else if (this.#outcome) return this.#finish(this.#outcome);
      else await new Promise<void>((resolve) => (this.#wake = resolve));
      if (this.#entries.length === 0) continue;
      const entries = this.#entries;
      this.#entries = [];
      return entries;
    }
  }

  /** Asks for no more. */
  stop(): void {
    this.#stopped = true;
    this.#wake?.();
    this.#stopListening();
    this.#channel.cancel();
  }

  #accepted(frame: FrameOf<'accept'>): void {
    try {
      checkEcho(this.#path, frame.path);
      this.#check = new BodyCheck(parseChecksumAlgorithm(frame.checksum ?? 'none'));
    } catch (thrown) {
      this.#fail(TransferError.from(thrown));
    }
  }

  #decode(): void {
    for (const piece of this.#channel.take(BATCH_BYTES)) {
      this.#check.update(piece);
      this.#decoder.write(piece);
      this.#channel.consumed(piece.length);
    }
  }

  #entry(frame: Frame | UnknownFrame): void {
    if (this.#outcome instanceof TransferError || frame.type === 'unknown') return;
    if (frame.type === 'ping' && frame.token === END_TOKEN && this.#ending) {
      this.#complete = true;
      return;
    }
    if (frame.type !== 'entry') return this.#fail(hostile('holds something else than entries'));
    try {
      const entry = parseEntry(frame);
      if (this.#contains(entry.path)) this.#entries.push(entry);
      else this.#fail(hostile('names a path that is not in the directory'));
    } catch {
      this.#fail(hostile('names a path that is not allowed'));
    }
  }

  #contains(path: RemotePath): boolean {
    const prefix = this.#path === ROOT ? '' : `${this.#path}/`;
    if (path === ROOT || !path.startsWith(prefix)) return false;
    return this.#recursive || !path.slice(prefix.length).includes('/');
  }

  #finish(result: FrameOf<'result'>): undefined {
    this.#check.compare({ bytes: result.bytes, checksum: result.checksum });
    // Where the last entry is whole, what comes next is read as the frame that it is.
    this.#ending = true;
    this.#decoder.write(this.#codec.encode({ type: 'ping', token: END_TOKEN }));
    if (!this.#complete) throw hostile('ends in the middle of an entry');
  }

  #fail(error: TransferError): void {
    if (!(this.#outcome instanceof TransferError)) this.#outcome = error;
    this.#entries = [];
    this.#wake?.();
  }
}

function hostile(what: string): TransferError {
  return new TransferError('EPROTO', `The listing ${what}.`);
}

/** A listing: entries come as they arrive, each checked to be inside what was asked for. */
import type { Decoder, FrameSink } from '../../codecs/codec.js';
import { TransferError } from '../../errors.js';
import { BodyChecksum } from '../../protocol/body-checksum.js';
import { parseChecksumAlgorithm } from '../../protocol/checksum.js';
import { parseEntry, type FileEntry } from '../../protocol/entry.js';
import type { Frame, FrameOf, UnknownFrame } from '../../protocol/frames.js';
import { flagOption, rejectUnknownOptions } from '../../options/option.js';
import { REMOTE_ROOT, type RemotePath } from '../../protocol/remote-path.js';
import type { ClientChannel } from '../../session/channel/client-channel.js';
import { callOptionNames, type CallOptions } from '../request/abort.js';
import { assertSamePath, pathField } from '../request/path-argument.js';
import { Request, type RequestHandler } from '../request/request.js';
import type { ClientContext } from '../request/client-context.js';

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
  readonly #context: ClientContext;
  readonly #path: RemotePath;
  readonly #recursive: boolean;
  readonly #request: Request;
  #decoder: Decoder;
  #check = new BodyChecksum('none');
  #entries: FileEntry[] = [];
  /** Whether some were handed out: then it cannot begin anew, for there is no order. */
  #handedOut = false;
  #stopped = false;
  #ending = false;
  #complete = false;
  #outcome: FrameOf<'result'> | TransferError | undefined;
  #wake: (() => void) | undefined;

  constructor(context: ClientContext, path: RemotePath, options: ListOptions) {
    rejectUnknownOptions('list', options, ['recursive', ...callOptionNames]);
    this.#context = context;
    this.#path = path;
    this.#recursive = flagOption('recursive', options.recursive) ?? false;
    this.#decoder = this.#newDecoder();
    this.#request = new Request(context, this.#handler());
    this.#request.start(options);
  }

  /** The next entries, some at once; undefined at the end, and after `stop`. */
  async next(): Promise<FileEntry[] | undefined> {
    for (;;) {
      if (this.#stopped) return undefined;
      if (this.#outcome instanceof TransferError) throw this.#outcome;
      const { channel } = this.#request;
      if (channel && channel.bufferedBytes > 0) this.#decode(channel);
      else if (this.#outcome) return this.#finish(this.#outcome);
      else await new Promise<void>((resolve) => (this.#wake = resolve));
      if (this.#entries.length === 0) continue;
      const entries = this.#entries;
      this.#entries = [];
      this.#handedOut = true;
      return entries;
    }
  }

  /** Asks for no more. */
  stop(): void {
    this.#stopped = true;
    this.#wake?.();
    this.#request.cancel();
  }

  #handler(): RequestHandler {
    const isIdempotent = (): boolean => !this.#handedOut;
    return {
      wants: 'body',
      isIdempotent,
      fields: () => ({
        op: 'list',
        path: pathField(this.#path),
        recursive: this.#recursive || undefined,
        checksum: this.#context.checksum,
      }),
      onAccept: (frame) => {
        assertSamePath(this.#path, frame.path);
        this.#check = new BodyChecksum(parseChecksumAlgorithm(frame.checksum ?? 'none'));
      },
      onReadable: () => this.#wake?.(),
      onTimeout: (error) => this.#fail(error),
      onInterrupt: () => {
        this.#entries = [];
        this.#decoder = this.#newDecoder();
      },
      onEnd: (outcome) => {
        this.#outcome ??= outcome;
        this.#wake?.();
      },
    };
  }

  #newDecoder(): Decoder {
    const { codec, maxHeaderBytes } = this.#context;
    const sink: FrameSink = {
      frame: (frame) => this.#entry(frame),
      payload: () => undefined,
      error: (error) => this.#fail(error),
    };
    return codec.decoder(sink, { maxHeaderBytes, maxFrameBytes: 0 });
  }

  #decode(channel: ClientChannel): void {
    for (const piece of channel.take(BATCH_BYTES)) {
      this.#check.update(piece);
      this.#decoder.write(piece);
      channel.consumed(piece.length);
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
    const prefix = this.#path === REMOTE_ROOT ? '' : `${this.#path}/`;
    if (path === REMOTE_ROOT || !path.startsWith(prefix)) return false;
    return this.#recursive || !path.slice(prefix.length).includes('/');
  }

  #finish(result: FrameOf<'result'>): undefined {
    this.#check.compare({ bytes: result.bytes, checksum: result.checksum });
    // Where the last entry is whole, what comes next is read as the frame that it is.
    this.#ending = true;
    this.#decoder.write(this.#context.codec.encode({ type: 'ping', token: END_TOKEN }));
    if (!this.#complete) throw hostile('ends in the middle of an entry');
    this.#request.cancel();
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

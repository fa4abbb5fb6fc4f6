/** Lists a directory over a session: the entries of its batches, as they arrive. */
import type { Codec, Decoder, FrameSink } from '../../../codecs/codec.js';
import { type TransferError } from '../../../errors.js';
import { parseEntry, type FileEntry } from '../../../protocol/entry.js';
import { MAX_HEADER_BYTES } from '../../../protocol/limits.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { HttpSession } from './http-session.js';

/** Batches of entries, which may be empty. The listing ends when the caller stops. Throws if it fails. */
export async function* listDirectory(
  session: HttpSession,
  codec: Codec,
  path: RemotePath,
): AsyncGenerator<readonly FileEntry[], undefined, undefined> {
  const request = session.request({ op: 'list', path }, 'body');
  try {
    const entries = new DecodedEntries(codec);
    await request.accepted();
    for await (const piece of request.body()) yield entries.decode(piece);
    await request.result();
    return undefined;
  } finally {
    request.cancel();
  }
}

/** The entries in the body of a listing. */
class DecodedEntries {
  readonly #decoder: Decoder;
  #entries: FileEntry[] = [];
  #failure: TransferError | undefined;

  constructor(codec: Codec) {
    const sink: FrameSink = {
      frame: (frame) => {
        if (frame.type === 'entry') this.#entries.push(parseEntry(frame));
      },
      payload: () => undefined,
      error: (error) => (this.#failure = error),
    };
    this.#decoder = codec.decoder(sink, { maxHeaderBytes: MAX_HEADER_BYTES, maxFrameBytes: 0 });
  }

  /** The entries that a piece completes. */
  decode(piece: Uint8Array): readonly FileEntry[] {
    this.#decoder.write(piece);
    if (this.#failure) throw this.#failure;
    const entries = this.#entries;
    this.#entries = [];
    return entries;
  }
}

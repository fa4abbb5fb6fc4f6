/** Lists a directory over a session: the entries of its batches, as they arrive. */
import type { Codec } from '../../../codecs/codec.js';
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
    let entries: FileEntry[] = [];
    let failure: TransferError | undefined;
    const decoder = codec.decoder(
      {
        frame: (frame) => {
          if (frame.type === 'entry') entries.push(parseEntry(frame));
        },
        payload: () => undefined,
        error: (error) => (failure = error),
      },
      { maxHeaderBytes: MAX_HEADER_BYTES, maxFrameBytes: 0 },
    );
    await request.accepted();
    for await (const piece of request.body()) {
      decoder.write(piece);
      if (failure) throw failure;
      yield entries;
      entries = [];
    }
    await request.result();
    return undefined;
  } finally {
    request.cancel();
  }
}

/** Uploads a file over a session, whole or not at all. */
import type { FrameOf } from '../../../protocol/frames.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { RequestFields } from '../../../session/client-session.js';
import type { HttpSession } from './http-session.js';
import type { SessionRequest } from './session-request.js';

export interface UploadedBody {
  readonly path: RemotePath;
  /** Further fields of the request. */
  readonly fields: Partial<RequestFields>;
  /** The bytes of the file. An error of it cancels the upload. */
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** Resolves with the result when the file is stored. Rejects if it is not: then the path is as it was before. */
export async function uploadBody(
  session: HttpSession,
  { path, fields, pieces }: UploadedBody,
): Promise<FrameOf<'result'>> {
  const request = session.request({ op: 'upload', path, checksum: 'none', ...fields }, 'nothing');
  try {
    // What is refused at once need not be sent by the client.
    await request.accepted();
    const iterator = pieces[Symbol.asyncIterator]();
    let size = 0;
    for (let next = await nextOf(iterator, request); !next.done; next = await nextOf(iterator, request)) {
      size += next.value.length;
      await request.send(next.value);
    }
    request.end(size);
    return await request.result();
  } catch (thrown) {
    throw request.failure ?? thrown;
  } finally {
    request.cancel();
  }
}

/** The next piece, unless the request fails before it arrives. */
function nextOf(
  iterator: AsyncIterator<Uint8Array>,
  request: SessionRequest,
): Promise<IteratorResult<Uint8Array, unknown>> {
  return new Promise((resolve, reject) => {
    if (request.failure) return reject(request.failure);
    request.onFailure = reject;
    iterator.next().then(resolve, reject);
  });
}

import { TransferError } from '../../../errors.js';
import { parseEntry, type FileEntry } from '../../../protocol/entry.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { HttpSession } from '../session/http-session.js';

/** The entry of a path. A client that may read, but not list, gets that of a file. */
export async function statOrRead(session: HttpSession, path: RemotePath): Promise<FileEntry> {
  try {
    return parseEntry({ ...(await session.call('stat', path)), path });
  } catch (thrown) {
    if (!(thrown instanceof TransferError) || thrown.code !== 'EACCES' || path === '') throw thrown;
    return readEntry(session, path).catch(() => Promise.reject(thrown));
  }
}

/** The entry of a file, by reading none of its bytes. */
async function readEntry(session: HttpSession, path: RemotePath): Promise<FileEntry> {
  const request = session.request({ op: 'download', path, maxBytes: 0 }, 'body');
  try {
    const accepted = await request.accepted();
    await request.result();
    return parseEntry({ ...accepted, path }, 'file');
  } finally {
    request.cancel();
  }
}

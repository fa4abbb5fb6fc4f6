/**
 * Answers with a directory as a tar archive, which is made while it is sent.
 *
 *     walkTree -> entry -> download -> header, bytes, padding -> ... -> end
 */
import { TransferError } from '../../../errors.js';
import { parseEntry, type FileEntry } from '../../../protocol/entry.js';
import { splitPath, type RemotePath } from '../../../protocol/remote-path.js';
import { contentDisposition } from '../files/content-disposition.js';
import type { HttpExchange } from '../requests/http-exchange.js';
import type { HttpSession } from '../session/http-session.js';
import { TAR_END, tarHeader, tarPadding } from './tar-header.js';
import { walkTree } from './walk-tree.js';

/** The name of the archive of the root, and of the directory in it. */
const ROOT_NAME = 'files';

/** Throws before the head if the directory cannot be listed. What fails later ends the response before its end. */
export async function sendArchive(
  exchange: HttpExchange,
  session: HttpSession,
  path: RemotePath,
): Promise<void> {
  const name = splitPath(path).name || ROOT_NAME;
  const entries = walkTree(session, exchange.codec, path);
  try {
    let next = await entries.next();
    exchange.writeHead(200, {
      'Content-Type': 'application/x-tar',
      'Content-Disposition': contentDisposition('attachment', `${name}.tar`),
      'Content-Security-Policy': "default-src 'none'; sandbox",
    });
    if (exchange.isHead) return void exchange.response.end();
    for (; !next.done; next = await entries.next()) {
      const inside = next.value.path.slice(path === '' ? 0 : path.length + 1);
      await sendEntry(exchange, session, { entry: next.value, path: `${name}/${inside}` });
    }
    await exchange.write(TAR_END);
    exchange.response.end();
  } finally {
    await entries.return(undefined);
  }
}

interface ArchivedEntry {
  readonly entry: FileEntry;
  /** In the archive. */
  readonly path: string;
}

async function sendEntry(
  exchange: HttpExchange,
  session: HttpSession,
  { entry, path }: ArchivedEntry,
): Promise<void> {
  if (entry.kind === 'directory')
    return exchange.write(tarHeader({ ...entry, mode: entry.mode, path: `${path}/` }));
  const download = session.request({ op: 'download', path: entry.path }, 'body');
  try {
    // The version that is read may be newer than the one that was listed.
    const read = await acceptedEntry(entry.path, download.accepted());
    if (!read) return;
    await exchange.write(tarHeader({ ...read, mode: read.mode, path }));
    await exchange.writeBodyOf(download);
    await exchange.write(tarPadding(read.size));
  } finally {
    download.cancel();
  }
}

/** Undefined for a file that was removed meanwhile, or that the client may not read. */
async function acceptedEntry(
  path: RemotePath,
  accepted: Promise<Parameters<typeof parseEntry>[0]>,
): Promise<FileEntry | undefined> {
  try {
    return parseEntry({ ...(await accepted), path }, 'file');
  } catch (thrown) {
    const { code } = TransferError.from(thrown);
    if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR') return undefined;
    throw thrown;
  }
}

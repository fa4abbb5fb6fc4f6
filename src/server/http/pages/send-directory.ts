/**
 * Answers with the page of a directory.
 *
 *     listDirectory -> sorted in memory, up to a limit -> rows
 *                   -> more than that: rows in the order of the storage, as they arrive
 */
import type { FileEntry } from '../../../protocol/entry.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { AccessControl } from '../../access/access-control.js';
import { MAX_SORTED_ENTRIES } from '../limits.js';
import type { HttpExchange } from '../requests/http-exchange.js';
import type { RequestTarget } from '../requests/request-target.js';
import type { HttpSession } from '../session/http-session.js';
import { listDirectory } from '../session/list-directory.js';
import { directoryPageBottom, directoryPageRow, directoryPageTop, UPLOAD_FORM } from './directory-page.js';
import { pageFrame } from './page-frame.js';
import { PageWriter } from './page-writer.js';
import { compareEntries, parseSortOrder, type SortOrder } from './sort-order.js';

/** Throws before the head if the directory cannot be listed. */
export async function sendDirectory(
  exchange: HttpExchange,
  session: HttpSession,
  { path, query }: RequestTarget,
): Promise<void> {
  const batches = listDirectory(session, exchange.codec, path);
  try {
    const first = await firstEntries(batches);
    const isWritable = await mayUpload(exchange.access, path);
    const frame = pageFrame(path === '' ? 'Files' : path, isWritable);
    exchange.writeHead(200, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': frame.policy,
      // A page that was kept would be shown after the login has changed.
      'Cache-Control': 'no-store',
    });
    if (exchange.isHead) return void exchange.response.end();
    const order = parseSortOrder(query.get('sort'));
    const page = new PageWriter(exchange);
    await page.add(frame.head + directoryPageTop(path, order));
    const count = await addRows(page, { first, batches, order });
    await page.add(directoryPageBottom({ count, isSorted: first.isAll }));
    await page.add(`${isWritable ? UPLOAD_FORM : ''}</main>${frame.tail}`);
    await page.flush();
    exchange.response.end();
  } finally {
    await batches.return(undefined);
  }
}

interface Rows {
  readonly first: FirstEntries;
  /** Those behind them. */
  readonly batches: AsyncIterable<readonly FileEntry[]>;
  readonly order: SortOrder;
}

/** Writes the rows of all entries, and returns their number. */
async function addRows(page: PageWriter, { first, batches, order }: Rows): Promise<number> {
  const { entries, isAll } = first;
  if (isAll) entries.sort(compareEntries(order));
  for (const entry of entries) await page.add(directoryPageRow(entry));
  if (isAll) return entries.length;
  let count = entries.length;
  for await (const batch of batches) {
    count += batch.length;
    for (const entry of batch) await page.add(directoryPageRow(entry));
  }
  return count;
}

interface FirstEntries {
  readonly entries: FileEntry[];
  /** Whether the directory has no others. */
  readonly isAll: boolean;
}

async function firstEntries(batches: AsyncGenerator<readonly FileEntry[]>): Promise<FirstEntries> {
  const entries: FileEntry[] = [];
  for (let next = await batches.next(); !next.done; next = await batches.next()) {
    entries.push(...next.value);
    if (entries.length > MAX_SORTED_ENTRIES) return { entries, isAll: false };
  }
  return { entries, isAll: true };
}

/** Whether the page offers uploads. Each upload is checked by itself. */
async function mayUpload(access: AccessControl | undefined, path: RemotePath): Promise<boolean> {
  const request = { onProgress: () => undefined, throwIfCancelled: () => undefined };
  try {
    const storage = await access?.storageFor([{ permission: 'write', path }], request);
    return storage?.write !== undefined;
  } catch {
    return false;
  }
}

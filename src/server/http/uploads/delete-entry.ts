/** DELETE: removes a file, or an empty directory. */
import type { HttpExchange } from '../requests/http-exchange.js';
import { HttpError } from '../requests/http-error.js';
import type { RequestTarget } from '../requests/request-target.js';
import { statOrRead } from '../requests/stat-or-read.js';

export async function deleteEntry(
  exchange: HttpExchange,
  { path, isDirectory }: RequestTarget,
): Promise<void> {
  const { headers } = exchange;
  // The server removes whatever version there is: a condition could not be kept.
  if (headers['if-match'] !== undefined || headers['if-unmodified-since'] !== undefined)
    throw new HttpError(501, 'A file cannot be deleted with a condition.');
  if (path === '') throw new HttpError(405, 'The root cannot be deleted.', { Allow: 'GET, HEAD, POST' });
  const session = await exchange.login();
  if (isDirectory && (await statOrRead(session, path)).kind === 'file')
    throw new HttpError(404, 'There is no such directory.');
  await session.call('remove', path);
  exchange.sendEmpty(204);
}

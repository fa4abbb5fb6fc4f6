/** What a user can do about an error of a server, where its message cannot say it. */
import { errorCode } from './exit-of.js';

const hints: Readonly<Record<string, string>> = {
  EROFS: 'Clients of this server may only read. socket-ftp serve --writable lets them write.',
};

/** Undefined if there is nothing to add. Errors of this machine have a cause; those of a server have none. */
export function hintOf(error: unknown): string | undefined {
  const isOfServer = error instanceof Error && error.cause === undefined;
  return isOfServer ? hints[errorCode(error) ?? ''] : undefined;
}

/** What a user can do about an error, where its message cannot say it. */
import { errorCode } from './exit-of.js';

const hints: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'No server listens there: start it with socket-ftp serve, or write its port in the URL.',
  EAUTH:
    'Write the user in the URL, such as socket-ftp://ann@host, and the password into SOCKET_FTP_PASSWORD or a --password-file.',
};

/** Of a server; the same codes of this machine have other reasons. */
const serverHints: Readonly<Record<string, string>> = {
  EROFS: 'Clients of this server may only read. socket-ftp serve --writable lets them write.',
};

/** Undefined if there is nothing to add. Errors of this machine have a cause; those of a server have none. */
export function hintOf(error: unknown): string | undefined {
  const isOfServer = error instanceof Error && error.cause === undefined;
  const code = errorCode(error) ?? '';
  return hints[code] ?? (isOfServer ? serverHints[code] : undefined);
}

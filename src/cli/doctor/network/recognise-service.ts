/** Recognises the program behind a port by its first bytes, in answer to a `hello` in the codec `text`. */

/** The kinds of programs. */
export type Service =
  | 'socket-ftp'
  | 'socket-ftp with TLS'
  | 'SSH'
  | 'HTTP'
  | 'FTP'
  | 'SMTP'
  | 'FTP or SMTP'
  | 'TLS'
  | 'IMAP'
  | 'POP3';

/** The first pattern that matches tells. Bytes are taken as latin1. */
const patterns: readonly (readonly [RegExp, Service])[] = [
  [/^SSH-/, 'SSH'],
  [/^(?:HTTP\/|<!doctype html|<html)/i, 'HTTP'],
  [/^[\x15\x16]\x03/, 'TLS'],
  [/^error .*speaks%20TLS/, 'socket-ftp with TLS'],
  [/^(?:welcome |error code=|\xfe|\{"type":"(?:welcome|error)"|<(?:welcome|error)[ /])/, 'socket-ftp'],
  [/^\d{3}[ -].*(?:smtp|postfix|exim|sendmail|mail)/i, 'SMTP'],
  [/^\d{3}[ -].*ftp/i, 'FTP'],
  [/^\d{3}[ -]/, 'FTP or SMTP'],
  [/^\* OK/, 'IMAP'],
  [/^\+OK/, 'POP3'],
];

/** Undefined for a program that is not known. */
export function recogniseService(firstBytes: Buffer): Service | undefined {
  const text = firstBytes.toString('latin1');
  return patterns.find(([pattern]) => pattern.test(text))?.[1];
}

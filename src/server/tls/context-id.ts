/**
 * The id of the contexts in which a TLS session can be resumed. A resumed session proves the certificate that the client has
 * shown to an earlier context, and the certificate is not verified again. OpenSSL resumes a session only under the same id:
 * one that depends on the accepted authorities ends all sessions when these change, also if the program keeps `ticketKeys`.
 */
import { createHash } from 'node:crypto';
import type { TlsOptions } from 'node:tls';

/** OpenSSL takes 32 bytes. */
const MAX_ID_LENGTH = 32;

export function contextIdOf({ ca, crl, pfx, requestCert, sessionIdContext }: TlsOptions): string {
  const hash = createHash('sha256');
  for (const part of [requestCert, sessionIdContext, ...flat(ca), ...flat(crl), ...flat(pfx)]) {
    const bytes = Buffer.isBuffer(part) ? part : Buffer.from(part === undefined ? '' : textOf(part));
    hash.update(`${bytes.length}:`).update(bytes);
  }
  return hash.digest('hex').slice(0, MAX_ID_LENGTH);
}

/** Each option may be one value or several; the number of each counts, so that they cannot be exchanged. */
function flat(option: unknown): unknown[] {
  const values: unknown[] = Array.isArray(option) ? option : option === undefined ? [] : [option];
  return [values.length, ...values];
}

function textOf(part: unknown): string {
  return typeof part === 'string' ? part : JSON.stringify(part);
}

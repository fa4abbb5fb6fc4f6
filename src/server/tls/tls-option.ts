/** The option `tls` of a server. */
import type { SecureContextOptions, TlsOptions } from 'node:tls';

/** Checks for mistakes that Node reports only when a client connects, or never. Throws a TypeError. */
export function tlsOption(option: TlsOptions | undefined): TlsOptions | undefined {
  if (option === undefined) return undefined;
  if (typeof option !== 'object' || option === null) {
    throw new TypeError('The option tls must be an object with key and cert, as for tls.createServer.');
  }
  const { cert, pfx, SNICallback, pskCallback, requestCert, ca } = option;
  if (!cert && !pfx && !SNICallback && !pskCallback) {
    throw new TypeError('The option tls needs key and cert, or pfx: without them no client can connect.');
  }
  if (requestCert && !ca && !pfx && !SNICallback) {
    throw new TypeError(
      'The option tls needs ca with requestCert: without ca, a certificate of any public authority is accepted.',
    );
  }
  return option;
}

/** The option after `setSecureContext()`: a certificate replaces the older one with its key, whatever form they have. */
export function changedTlsOption(before: TlsOptions, change: SecureContextOptions): TlsOptions {
  if (typeof change !== 'object' || (change as unknown) === null) {
    throw new TypeError(
      'setSecureContext() takes an object with key and cert, as tls.createSecureContext().',
    );
  }
  const hasCertificate = (change.cert ?? change.pfx) !== undefined;
  const replaced = { cert: undefined, key: undefined, pfx: undefined, passphrase: undefined };
  const changed: TlsOptions = { ...before, ...(hasCertificate && replaced), ...change };
  tlsOption(changed);
  return changed;
}

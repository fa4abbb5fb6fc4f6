/** The arguments of `disconnect()` of a server. */
import { TransferError } from '../../errors.js';
import { integerOption, rejectUnknownOptions, textOption } from '../../options/option.js';
import { MAX_RETRY_AFTER_MS } from '../../session/channel/received-error.js';

/** Options for ending connections. */
export interface DisconnectOptions {
  /**
   * Sentence that the client gets, without control characters; at most 500 characters are sent. Default: `'The operator of
   * the server has ended the connection.'`
   */
  readonly reason?: string | undefined;
  /**
   * Time in ms, at most 60,000, after which the clients may return and repeat their requests. Clients of socket-ftp that
   * reconnect do so by themselves. Default: clients must not return by themselves.
   */
  readonly retryAfterMs?: number | undefined;
}

/** Checks the id of a connection, or the name of an identity. */
export function disconnectTarget(target: number | string): number | string {
  if (typeof target === 'number' ? Number.isSafeInteger(target) : typeof target === 'string') return target;
  const got = target === null ? 'null' : typeof target;
  throw new TypeError(`disconnect() takes the id of a connection or the name of an identity, not ${got}.`);
}

/** The error that the clients get. */
export function disconnection(options: DisconnectOptions): TransferError {
  rejectUnknownOptions('disconnect', options, ['reason', 'retryAfterMs']);
  const reason =
    textOption('reason', options.reason) ?? 'The operator of the server has ended the connection.';
  if (options.retryAfterMs === undefined) return new TransferError('ESHUTDOWN', reason, { retryable: false });
  const rule = { min: 0, max: MAX_RETRY_AFTER_MS, default: 0 };
  const retryAfterMs = integerOption('retryAfterMs', options.retryAfterMs, rule);
  return new TransferError('ESHUTDOWN', reason, { retryable: true, retryAfterMs });
}

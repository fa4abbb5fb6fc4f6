/** What all requests of a client share. */
import type { Codec } from '../../codecs/codec.js';
import type { ChecksumAlgorithm } from '../../protocol/checksum.js';
import type { DispatcherListener } from '../connection/dispatched-request.js';
import { Dispatcher } from '../connection/dispatcher.js';
import type { ClientSettings } from '../options.js';
import type { RequestTimeouts } from './stall-watch.js';

export interface ClientContext {
  readonly dispatcher: Dispatcher;
  readonly codec: Codec;
  readonly checksum: ChecksumAlgorithm;
  /** Largest header in bytes that the client accepts. */
  readonly maxHeaderBytes: number;
  readonly timeouts: RequestTimeouts;
}

export function clientContext(settings: ClientSettings, listener: DispatcherListener): ClientContext {
  const { codec, checksum, session, stallMs, responseMs } = settings;
  const { maxHeaderBytes } = session;
  const dispatcher = new Dispatcher(settings, listener);
  return { dispatcher, codec, checksum, maxHeaderBytes, timeouts: { stallMs, responseMs } };
}

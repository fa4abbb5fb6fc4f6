/** What all requests of a client share. */
import type { Codec } from '../../codecs/codec.js';
import type { ChecksumAlgorithm } from '../../protocol/checksum.js';
import type { DispatcherListener } from '../connection/dispatched-request.js';
import { Dispatcher } from '../connection/dispatcher.js';
import { ClientCounters } from '../monitoring/client-counters.js';
import type { ClientSettings } from '../options.js';
import type { RequestTimeouts } from './stall-watch.js';

export interface ClientContext {
  readonly dispatcher: Dispatcher;
  readonly counters: ClientCounters;
  readonly codec: Codec;
  readonly checksum: ChecksumAlgorithm;
  /** Largest header in bytes that the client accepts. */
  readonly maxHeaderBytes: number;
  readonly timeouts: RequestTimeouts;
}

export function clientContext(settings: ClientSettings, listener: DispatcherListener): ClientContext {
  const { codec, checksum, session, stallMs, responseMs } = settings;
  const { maxHeaderBytes } = session;
  const counters = new ClientCounters();
  const dispatcher = new Dispatcher(settings, listener, counters);
  return { dispatcher, counters, codec, checksum, maxHeaderBytes, timeouts: { stallMs, responseMs } };
}

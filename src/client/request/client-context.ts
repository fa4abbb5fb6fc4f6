/** What all requests of a client share. */
import type { Codec } from '../../codecs/codec.js';
import type { ChecksumAlgorithm } from '../../protocol/checksum.js';
import { DEFAULT_MAX_VALUE_BYTES } from '../../protocol/limits.js';
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
  /** Whether short calls for local files may be synchronous. */
  readonly fileCalls: 'auto' | 'threads';
  /** Bytes of an input or output of a method, at most. */
  readonly maxValueBytes: number;
  /**
   * Makes the context of a further connection with the same options. It is not retried: a request fails if the connection is
   * refused or lost, and the next request makes another one. Its events are not emitted; its bytes count.
   */
  readonly further: () => ClientContext;
}

const silent: DispatcherListener = {
  onConnect: () => undefined,
  onDisconnect: () => undefined,
  onStateChange: () => undefined,
  onFallback: () => undefined,
};

export function clientContext(
  settings: ClientSettings,
  listener: DispatcherListener,
  counters = new ClientCounters(),
): ClientContext {
  const { codec, checksum, session, stallMs, responseMs, fileCalls } = settings;
  const { maxHeaderBytes, maxValueBytes = DEFAULT_MAX_VALUE_BYTES } = session;
  const onFallback = (reason: string): void => {
    counters.fallbacks += 1;
    listener.onFallback(reason);
  };
  const dispatcher = new Dispatcher(settings, { ...listener, onFallback }, counters);
  const timeouts = { stallMs, responseMs };
  const further = (): ClientContext => {
    const reconnect = { ...settings.reconnect, maxAttempts: 0, waitOnFirstConnect: false };
    const context = clientContext({ ...settings, reconnect }, silent, counters);
    context.dispatcher.setRef(dispatcher.timers.isRef);
    return context;
  };
  const limits = { maxHeaderBytes, maxValueBytes, timeouts };
  return { dispatcher, counters, codec, checksum, fileCalls, further, ...limits };
}

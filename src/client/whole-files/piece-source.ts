/**
 * The source of an upload: an iterable, a Readable or a web ReadableStream. Unlike the `return` of a generator or of a
 * stream's iterator, `stop` has an effect while the source waits.
 */

/** An open source. `next` is called until it is done or has failed. */
export interface PieceSource {
  next(): Promise<{ readonly done?: boolean | undefined; readonly value?: unknown }>;
  /** No more pieces are wanted. Does not throw, and waits for nothing. */
  stop(): void;
}

interface Source {
  [Symbol.asyncIterator]?(): AsyncIterator<unknown>;
  [Symbol.iterator]?(): Iterator<unknown>;
  /** Of a web ReadableStream. */
  getReader?(): { read(): ReturnType<PieceSource['next']>; cancel(): Promise<void> };
  /** Of a Readable. */
  destroy?(): unknown;
  on?(event: 'error', listener: () => void): unknown;
}

/** Whether data can be opened as a source. */
export function isSource(data: unknown): data is Source {
  if (typeof data !== 'object' || data === null) return false;
  return Symbol.asyncIterator in data || Symbol.iterator in data || 'getReader' in data;
}

/** Opens a source. Throws what the data throws, for example a stream that is locked. */
export function openSource(data: Source): PieceSource {
  const reader = data.getReader?.();
  if (reader) return { next: () => reader.read(), stop: () => void reader.cancel().catch(ignore) };
  const iterator = data[Symbol.asyncIterator]?.() ?? data[Symbol.iterator]?.();
  return {
    next: async () => (await iterator?.next()) ?? { done: true },
    stop() {
      try {
        if (typeof data.destroy === 'function') {
          data.on?.('error', ignore);
          data.destroy();
        }
        Promise.resolve(iterator?.return?.()).catch(ignore);
      } catch {
        // As below.
      }
    },
  };
}

function ignore(): void {
  // The upload has failed, and its error is reported.
}

/** The body of a batch with many requests. */
import type { BodySource } from './hostile-peer.js';

/** A body of `count` requests, in text. */
export function batchedRequests(count: number, request: (id: number) => string): BodySource {
  let id = 0;
  let rest = '';
  return (bytes) => {
    while (rest.length < bytes && id < count) rest += request(++id);
    if (rest === '') return undefined;
    const piece = Buffer.from(rest.slice(0, bytes));
    rest = rest.slice(bytes);
    return piece;
  };
}

/** A good client that sends small requests until it is told to stop. */
import type { ClientAnswers } from '../client-program.js';
import type { Program } from '../program.js';

/** Begins. The function ends it, and resolves with the number of the requests and the ms of the slowest of them. */
export function requestsUntil(
  client: Program<ClientAnswers>,
): () => Promise<{ requests: number; most: number }> {
  const seen = { requests: 0, most: 0 };
  let isOver = false;
  const done = (async () => {
    for (; !isOver; seen.requests += 30)
      seen.most = Math.max(seen.most, (await client.ask('latency', 30)).most);
    return seen;
  })();
  return () => {
    isOver = true;
    return done;
  };
}

/** Requests without files: `client.call()` of a method, and `client.ping()`. */
// @ts-check
import { forEachAtOnce } from '../../measuring/at-once.mjs';
import { AT_ONCE, requests } from '../workload.mjs';

export const calls = requests('calls of a method, 64 in flight', ({ session, amount }) =>
  forEachAtOnce(amount.requests, AT_ONCE, () => session.call()),
);

export const pings = requests('ping, 64 in flight', ({ session, amount }) =>
  forEachAtOnce(amount.requests, AT_ONCE, () => session.ping()),
);

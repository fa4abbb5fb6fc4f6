/** Requests that look at a file: `client.stat()`. */
// @ts-check
import { forEachAtOnce } from '../../measuring/at-once.mjs';
import { ONE } from '../amounts.mjs';
import { AT_ONCE, requests } from '../workload.mjs';

export const statAtOnce = requests('stat, 64 in flight', stats(AT_ONCE));
export const statInTurn = requests('stat, one after another', stats(1));

/** @type {(atOnce: number) => import('../workload.mjs').Workload['run']} */
function stats(atOnce) {
  return ({ session, amount }) => forEachAtOnce(amount.requests, atOnce, () => session.stat(ONE));
}

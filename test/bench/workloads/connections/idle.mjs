/** Connections that have made one request, and stay. */
// @ts-check
import { forEachAtOnce } from '../../measuring/at-once.mjs';
import { ONE } from '../amounts.mjs';

/** How many connections are made at once: some servers take no more. */
const CONNECTING = 16;

/** @type {import('../workload.mjs').Workload} */
export const idle = {
  title: 'an idle connection that has made a request, memory of the server',
  kind: 'memory',
  unit: 'KiB',
  cpuUnit: 'us/connection',
  cpuFactor: 1e6,
  units: ({ connections }) => connections,
  run: ({ connect, keep, amount }) =>
    forEachAtOnce(amount.connections, CONNECTING, async () => {
      const session = connect();
      await session.stat(ONE);
      keep(session);
    }),
};

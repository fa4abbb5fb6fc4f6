/** curl, and requests of Node for operations that curl lacks. */
// @ts-check
import { curlRuns } from '../curl.mjs';
import { IdleConnections } from '../http/idle.mjs';
import { serveTasks } from '../tasks.mjs';
import { told } from '../told.mjs';

const { address: port, ...places } = /** @type {import('../told.mjs').ClientArgs} */ (told);
const idle = new IdleConnections(port);

serveTasks(
  {
    ...curlRuns(`http://127.0.0.1:${port}`, places),
    idle: ({ connections }) => idle.open(connections),
  },
  { letGo: () => idle.close() },
);

/** curl, and requests of Node for operations that curl lacks. */
// @ts-check
import { curlRuns } from '../curl.mjs';
import { httpSession } from '../http/session.mjs';
import { serveTasks } from '../tasks.mjs';
import { told } from '../told.mjs';

const { address: port, ...places } = /** @type {import('../told.mjs').ClientArgs} */ (told);

serveTasks({
  places,
  connect: () => httpSession(port),
  runs: curlRuns(`http://127.0.0.1:${port}`, places),
});

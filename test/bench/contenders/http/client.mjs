/** The client of `server.mjs`: one agent that keeps its connections, and as many of them as there are requests at once. */
// @ts-check
import { ONE } from '../../workloads/amounts.mjs';
import { serveTasks } from '../tasks.mjs';
import { told } from '../told.mjs';
import { httpSession } from './session.mjs';

const { address: port, ...places } = /** @type {import('../told.mjs').ClientArgs} */ (told);

serveTasks({
  places,
  connect: () => httpSession(port),
  program: {
    imports: "const { get } = await import('node:http');",
    body: `
      const response = await new Promise((resolve, reject) => {
        get({ host: '127.0.0.1', port: ${port}, path: '/${ONE}', agent: false }, resolve).on('error', reject);
      });
      const chunks = [];
      for await (const chunk of response) chunks.push(chunk);
      Buffer.concat(chunks);`,
  },
});

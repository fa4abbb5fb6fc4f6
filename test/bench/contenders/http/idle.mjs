/** Connections over HTTP that have had one request, and are kept. */
// @ts-check
import { Agent } from 'node:http';
import { forEachAtOnce } from '../../measuring/at-once.mjs';
import { smallName } from '../../workloads.mjs';
import { ask } from './requests.mjs';

export class IdleConnections {
  /** @type {number} */ #port;
  /** @type {Agent[]} */ #agents = [];

  /** @param {number} port */
  constructor(port) {
    this.#port = port;
  }

  /** Makes so many. @param {number} count */
  async open(count) {
    await forEachAtOnce(count, 16, async () => {
      // With an agent each, none takes the connection of another.
      const agent = new Agent({ keepAlive: true });
      await ask({ port: this.#port, agent }, 'HEAD', `small/${smallName(0)}`);
      this.#agents.push(agent);
    });
  }

  async close() {
    for (const agent of this.#agents.splice(0)) agent.destroy();
  }
}

/** A server process and a client process, and the cost of a client job for both. */
// @ts-check
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

/** @import { ChildProcess } from 'node:child_process' */
/** @import { Usage } from './metered.mjs' */

/** @typedef {{ answer: any, wallUs: number, server: Usage, client: Usage }} Cost */

export class Pair {
  /** @type {ChildProcess} */ #server;
  /** @type {ChildProcess} */ #client;

  /**
   * @param {ChildProcess} server
   * @param {ChildProcess} client
   */
  constructor(server, client) {
    this.#server = server;
    this.#client = client;
  }

  /**
   * Starts both. Profiles are written to a folder when they end, if one is named.
   *
   * @param {{ storage: object, limits?: object | undefined }} serves
   * @param {string | undefined} profiles
   */
  static async start(serves, profiles) {
    const server = start('server', serves, profiles);
    const [port] = await once(server, 'message');
    const client = start('client', { port }, profiles);
    await once(client, 'message');
    return new Pair(server, client);
  }

  /** Lets the client do a job. @type {(job: string, args?: object) => Promise<any>} */
  client(job, args) {
    return ask(this.#client, job, args);
  }

  /** Lets the server do a job. @type {(job: string, args?: object) => Promise<any>} */
  server(job, args) {
    return ask(this.#server, job, args);
  }

  /** Runs a job of the client, and measures its cost for both. @type {(job: string, args?: object) => Promise<Cost>} */
  async cost(job, args) {
    await this.server('begin');
    await this.client('begin');
    const start = performance.now();
    const answer = await this.client(job, args);
    const wallUs = (performance.now() - start) * 1000;
    return { answer, wallUs, client: await this.client('end'), server: await this.server('end') };
  }

  /** Ends both, the client first. */
  async stop() {
    for (const child of [this.#client, this.#server]) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    }
  }
}

/** @type {(script: string, args: object, profiles: string | undefined) => ChildProcess} */
function start(script, args, profiles) {
  const profiling = profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`];
  return fork(path.join(import.meta.dirname, `${script}.mjs`), [JSON.stringify(args)], {
    execArgv: ['--expose-gc', ...profiling],
  });
}

/** @type {(child: ChildProcess, job: string, args: object | undefined) => Promise<any>} */
async function ask(child, job, args = {}) {
  const settled = new AbortController();
  const { signal } = settled;
  const died = once(child, 'exit', { signal }).then(() => [{ failure: 'the process has died' }]);
  died.catch(() => undefined);
  child.send({ job, args });
  try {
    const [message] = await Promise.race([once(child, 'message', { signal }), died]);
    const answer = /** @type {{ value: unknown } | { failure: string }} */ (message);
    if ('failure' in answer) throw new Error(`${job} has failed: ${answer.failure}`);
    return answer.value;
  } finally {
    settled.abort();
  }
}

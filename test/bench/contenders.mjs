/** Who is compared: a server process and a client process each, which wait for their turns. */
// @ts-check
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

/** @import { ChildProcess } from 'node:child_process' */
/** @import { Amount } from './workloads.mjs' */

const codecs = ['text', 'json', 'xml', 'binary'];

export const contenderNames = ['raw', ...codecs];

/** What a client is told to do. @typedef {{ workload: string, amount: Amount }} Task */
/** What it answers. @typedef {{ ms: number } | { failure: string }} Answer */

export class Contender {
  /** @type {ChildProcess} */ #server;
  /** @type {ChildProcess} */ #client;

  /**
   * @param {string} name
   * @param {ChildProcess} server
   * @param {ChildProcess} client
   */
  constructor(name, server, client) {
    this.name = name;
    this.#server = server;
    this.#client = client;
  }

  /**
   * Starts both processes; with a folder for profiles, under Node's profiler.
   *
   * @param {string} name
   * @param {{ folder: string, profiles: string | undefined }} settings
   */
  static async start(name, { folder, profiles }) {
    const kind = name === 'raw' ? 'raw' : 'socket-ftp';
    const server = start(`${kind}-server`, [folder], profilerArgs(`${name}-server`, profiles));
    const [ports] = await once(server, 'message');
    const client = start(
      `${kind}-client`,
      [JSON.stringify(ports), folder, name],
      profilerArgs(`${name}-client`, profiles),
    );
    return new Contender(name, server, client);
  }

  /** Does a task; resolves with the milliseconds that the client has measured. @param {Task} task */
  async run(task) {
    const ended = new AbortController();
    const { signal } = ended;
    this.#client.send(task);
    const died = [this.#client, this.#server].map(async (child) => {
      await once(child, 'exit', { signal });
      throw new Error(`A process of ${this.name} has died.`);
    });
    for (const death of died) death.catch(() => undefined);
    try {
      const [message] = await Promise.race([once(this.#client, 'message', { signal }), ...died]);
      const answer = /** @type {Answer} */ (message);
      if ('failure' in answer)
        throw new Error(`${this.name} has failed in ${task.workload}: ${answer.failure}`);
      return answer.ms;
    } finally {
      ended.abort();
    }
  }

  /** Ends both, the client first. */
  async stop() {
    for (const child of [this.#client, this.#server]) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exit = once(child, 'exit');
      if (child.connected) child.disconnect();
      await exit;
    }
  }
}

/** @type {(script: string, args: string[], execArgv: string[]) => ChildProcess} */
function start(script, args, execArgv) {
  return fork(path.join(import.meta.dirname, `${script}.mjs`), args, { execArgv });
}

/** @type {(name: string, profiles: string | undefined) => string[]} */
function profilerArgs(name, profiles) {
  if (profiles === undefined) return [];
  return ['--cpu-prof', `--cpu-prof-dir=${profiles}`, `--cpu-prof-name=${name}.cpuprofile`];
}

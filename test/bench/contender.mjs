/** What contends: a server process and a client process, which wait for their turns. */
// @ts-check
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { contenders } from './contenders/table.mjs';

/** @import { ChildProcess } from 'node:child_process' */
/** @import { Places } from './measuring/places.mjs' */
/** @import { Family } from './measuring/processes.mjs' */
/** @import { Amount } from './workloads/amounts.mjs' */
/** @import { Outcome } from './workloads/workload.mjs' */

/** The task of a client. @typedef {{ workload: string, amount: Amount }} Task */
/** How long a task took, and what else was measured. @typedef {{ ms: number } & Outcome} Done */
/** The answer of a client. @typedef {Done | { failure: string }} Answer */

/** Where CPU profiles go, and how their names begin. @typedef {{ folder: string, prefix: string } | undefined} Profiles */

/** Milliseconds in which a process must be ready, or gone. */
const PATIENCE_MS = 20_000;

/** Milliseconds that a task may take; a contender that takes longer is considered stuck. */
const LONGEST_MS = 300_000;

export class Contender {
  /** @type {{ server: ChildProcess, client: ChildProcess }} */ #pair;

  /**
   * @private
   * @param {string} name
   * @param {{ server: ChildProcess, client: ChildProcess }} pair
   */
  constructor(name, pair) {
    this.name = name;
    this.#pair = pair;
  }

  /** Starts both processes; with a place for profiles, under Node's profiler. @type {(name: string, places: Places, profiles?: Profiles) => Promise<Contender>} */
  static async start(name, places, profiles) {
    return new Contender(name, await startPair(name, places, profiles));
  }

  /** The measured processes: of the server, and of the client. @returns {[Family, Family]} */
  get families() {
    const isKeeper = contenders[this.name]?.isNative ?? false;
    return [
      { pid: this.#pair.server.pid ?? 0, isKeeper },
      { pid: this.#pair.client.pid ?? 0, isKeeper: contenders[this.name]?.isNativeClient ?? isKeeper },
    ];
  }

  /** Does a task. @param {Task} task @returns {Promise<Done>} */
  async run(task) {
    const answer = /** @type {Answer} */ (await this.#ask(this.#pair.client, task));
    if ('failure' in answer)
      throw new Error(`${this.name} has failed in ${task.workload}: ${answer.failure}`);
    return answer;
  }

  /** Bytes that the server uses now, after a garbage collection. @returns {Promise<NodeJS.MemoryUsage>} */
  async memory() {
    return /** @type {NodeJS.MemoryUsage} */ (await this.#ask(this.#pair.server, 'memory'));
  }

  /** Ends both, the client first. */
  async stop() {
    for (const child of [this.#pair.client, this.#pair.server]) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exit = once(child, 'exit');
      const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
      if (child.connected) child.disconnect();
      await exit;
      clearTimeout(timer);
    }
  }

  /** @type {(child: ChildProcess, message: import('node:child_process').Serializable) => Promise<unknown>} */
  async #ask(child, message) {
    if (!child.connected) throw new Error(`A process of ${this.name} is gone.`);
    const ended = new AbortController();
    const { signal } = ended;
    const died = [this.#pair.client, this.#pair.server].map(async (one) => {
      await once(one, 'exit', { signal });
      throw new Error(`A process of ${this.name} has died.`);
    });
    for (const death of died) death.catch(() => undefined);
    const answered = once(child, 'message', { signal });
    const timer = setTimeout(() => child.kill(), LONGEST_MS);
    child.send(message);
    try {
      const [answer] = /** @type {unknown[]} */ (await Promise.race([answered, ...died]));
      return answer;
    } finally {
      ended.abort();
      clearTimeout(timer);
    }
  }
}

/** @type {(name: string, places: Places, profiles: Profiles) => Promise<{ server: ChildProcess, client: ChildProcess }>} */
async function startPair(name, places, profiles) {
  const { scripts = name, options } = contenders[name] ?? {};
  const serverArgs = { ...places, ...options };
  const server = start(`${scripts}/server`, serverArgs, profilerArgs(`${name}-server`, profiles));
  const { address } = /** @type {{ address: unknown }} */ (await first(server, `The server of ${name}`));
  const clientArgs = { ...serverArgs, address };
  const client = start(`${scripts}/client`, clientArgs, profilerArgs(`${name}-client`, profiles));
  await first(client, `The client of ${name}`);
  return { server, client };
}

/** @type {(script: string, args: object, execArgv: string[]) => ChildProcess} */
function start(script, args, execArgv) {
  const file = path.join(import.meta.dirname, 'contenders', `${script}.mjs`);
  return fork(file, [JSON.stringify(args)], { execArgv: ['--expose-gc', '--no-warnings', ...execArgv] });
}

/** The first message of a process. @type {(child: ChildProcess, what: string) => Promise<unknown>} */
async function first(child, what) {
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(), PATIENCE_MS);
  child.once('exit', () => ended.abort());
  try {
    const [message] = /** @type {unknown[]} */ (await once(child, 'message', { signal: ended.signal }));
    return message;
  } catch (error) {
    child.kill();
    throw new Error(`${what} did not start within ${PATIENCE_MS} ms.`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** @type {(name: string, profiles: Profiles) => string[]} */
function profilerArgs(name, profiles) {
  if (profiles === undefined) return [];
  const { folder, prefix } = profiles;
  return ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${prefix}${name}.cpuprofile`];
}

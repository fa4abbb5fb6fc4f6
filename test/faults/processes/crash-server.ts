/** A server in its own process, which can be killed as by a power failure, and restarts on the same port. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { FileServerOptions, ServerCloseOptions } from '../../../src/index.js';
import { repositoryRoot } from '../../support/repository.js';

/** The options of the process. */
export interface ServerJob {
  readonly root: string;
  readonly port: number;
  readonly options: Pick<FileServerOptions, 'flush' | 'limits' | 'timeouts'>;
}

/** What a server that was closed has seen. */
export interface ServerReport {
  /** When each connection was accepted, in ms. */
  readonly connectedAt: number[];
  /** Requests that the end of the grace time has ended. */
  interrupted: number;
}

export class CrashServer {
  /** Where it listens; the same after each start. */
  port = 0;
  /** How often it was killed. */
  kills = 0;
  readonly #root: string;
  readonly #options: ServerJob['options'];
  readonly #starter: readonly string[];
  #child: ChildProcess | undefined;

  /** @param starter - a program and arguments that start Node.js: by default it is started directly */
  constructor(root: string, options: ServerJob['options'] = {}, starter: readonly string[] = []) {
    this.#root = root;
    this.#options = options;
    this.#starter = starter;
  }

  /** Resolves when it listens. */
  async start(): Promise<this> {
    const job: ServerJob = { root: this.#root, port: this.port, options: this.#options };
    const program = path.join(repositoryRoot, 'temp/faults/server-process.js');
    const [execPath = process.execPath, ...execArgv] = this.#starter;
    this.#child = fork(program, [JSON.stringify(job)], { execPath, execArgv });
    const ended = once(this.#child, 'exit').then(() => Promise.reject(new Error('The server has ended.')));
    ended.catch(() => undefined);
    const [{ port }] = (await Promise.race([once(this.#child, 'message'), ended])) as [{ port: number }];
    this.port = port;
    return this;
  }

  /** Closes the server as its program would. Resolves when the process is gone. */
  async close(options: ServerCloseOptions): Promise<ServerReport> {
    const child = this.#child;
    if (!child) throw new Error('The server has not been started.');
    const gone = once(child, 'exit');
    const reported = once(child, 'message') as Promise<[ServerReport]>;
    child.send(options);
    const [[report]] = await Promise.all([reported, gone]);
    return report;
  }

  /** `kill -9`. Resolves when the process is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    this.kills += 1;
  }
}

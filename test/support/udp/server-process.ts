/** A server with UDP in a process of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { repositoryRoot } from '../repository.js';

export class UdpServerProcess {
  readonly port: number;
  /** Resolves with the exit code and the signal when the process has ended. */
  readonly over: Promise<[code: number | null, signal: string | null]>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
    this.over = once(child, 'exit') as Promise<[number | null, string | null]>;
  }

  /** Resolves when it listens. */
  static async start(root: string, port = 0): Promise<UdpServerProcess> {
    const program = path.join(repositoryRoot, 'test/support/udp/server-process.mjs');
    const child = spawn(process.execPath, [program, root, String(port)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    for await (const line of createInterface({ input: child.stdout }))
      return new UdpServerProcess(child, Number(line));
    throw new Error('The server has ended before it listened.');
  }

  /** Lets it call `close()`. */
  close(): void {
    this.#child.stdin?.end();
  }

  /** Ends it at once, as `kill -9` does. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.over;
  }
}

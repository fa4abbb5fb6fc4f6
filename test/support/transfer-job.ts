/** What a process of its own is to transfer, and what it tells. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { repositoryRoot } from './repository.js';

export interface TransferJob {
  readonly kind: 'download' | 'upload';
  readonly port: number;
  readonly path: string;
  readonly localPath: string;
  readonly overwrite?: boolean | undefined;
  /** What the process does to itself when so much is over. */
  readonly signal?: { readonly name: 'SIGKILL' | 'SIGSTOP'; readonly atBytes: number } | undefined;
}

/** What a process says: how far it was when it hit itself, or how the transfer ended. */
export interface TransferOutcome {
  readonly atBytes?: number;
  readonly size?: number;
  readonly resumedFrom?: number;
  readonly code?: string;
}

/** A process with a job. It is gone when the test ends. */
export class TransferProcess {
  readonly #child: ChildProcess;
  /** Its first word. */
  readonly word: Promise<TransferOutcome>;
  /** When it is over. */
  readonly over: Promise<unknown>;

  constructor(job: TransferJob) {
    const program = path.join(repositoryRoot, 'test/support/transfer-process.mjs');
    const child = spawn(process.execPath, [program, JSON.stringify(job)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    this.#child = child;
    this.over = once(child, 'close');
    this.word = firstLine(child);
  }

  /** Ends it at once, as `kill -9` does. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.over;
  }
}

/** Runs a job to its end, and tells what it said first. */
export async function runJob(job: TransferJob): Promise<TransferOutcome> {
  const child = new TransferProcess(job);
  const word = await child.word;
  await child.over;
  return word;
}

async function firstLine({ stdout }: ChildProcess): Promise<TransferOutcome> {
  if (!stdout) throw new Error('The process has no output.');
  for await (const line of createInterface({ input: stdout })) return JSON.parse(line) as TransferOutcome;
  throw new Error('The process said nothing.');
}

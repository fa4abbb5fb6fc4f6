/** The transfer job of a separate process, and its messages. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { repositoryRoot } from '../repository.js';

export interface TransferJob {
  readonly kind: 'download' | 'upload';
  readonly port: number;
  readonly path: string;
  readonly localPath: string;
  readonly overwrite?: boolean | undefined;
  /** Bytes a second over UDP. Default: over TCP. */
  readonly udpRate?: number | undefined;
  /** Of a download. */
  readonly connections?: number | undefined;
  /** The action of the process on itself at this progress. */
  readonly signal?: { readonly name: 'SIGKILL' | 'SIGSTOP'; readonly atBytes: number } | undefined;
}

/** A message of a process: its progress at the action, or the end of the transfer. */
export interface TransferOutcome {
  readonly atBytes?: number;
  readonly size?: number;
  readonly resumedFrom?: number;
  /** Bytes that have travelled over UDP. */
  readonly udpBytes?: number;
  readonly code?: string;
}

/** A process with a job. It is killed when the test ends. */
export class TransferProcess {
  readonly #child: ChildProcess;
  /** Its first word. */
  readonly word: Promise<TransferOutcome>;
  /** Resolves when the process has ended. */
  readonly over: Promise<unknown>;

  constructor(job: TransferJob) {
    const program = path.join(repositoryRoot, 'test/support/local-files/transfer-process.mjs');
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

/** Runs a job to its end, and returns its first message. */
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

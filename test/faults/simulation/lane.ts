/** Sends the requests of one lane of a plan in sequence, and checks the answers. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TransferError, type FileClient } from '../../../src/index.js';
import { contentOf, textOfBytes } from './content.js';
import type { PlannedStep, Step } from './plan.js';
import { Worlds, type Answer, type Request } from './worlds.js';

/** Virtual milliseconds that a request may take: all its connections with all their timeouts. */
const MAX_REQUEST_MS = 300_000;

/** Bytes that a caller writes or reads at once. */
const PIECE_BYTES = 50_000;

export class Lane {
  /** The errors, as texts. */
  readonly wrong: string[] = [];
  requests = 0;
  done = 0;
  /** Changes that were made, and others that may have been made. */
  readonly changes = { made: 0, unknown: 0 };
  readonly #number: number;
  readonly #client: FileClient;
  readonly #worlds = new Worlds();

  constructor(number: number, client: FileClient) {
    this.#number = number;
    this.#client = client;
  }

  /** Resolves when every step has been answered, well or not. */
  async run(steps: readonly PlannedStep[]): Promise<void> {
    for (const planned of steps) {
      if (planned.afterMs > 0) await pause(planned.afterMs);
      await this.#ask(planned);
    }
  }

  /** Whether the files of the lane have contents that their caller can expect. */
  check(files: Readonly<Record<string, string>>): void {
    if (this.#worlds.allows(files)) return;
    this.wrong.push(
      `lane ${this.#number}: in the end there is ${JSON.stringify(files)} instead of ${this.#worlds.toString()}`,
    );
  }

  async #ask(planned: PlannedStep): Promise<void> {
    this.requests += 1;
    const request = { step: planned.step, version: '' };
    const version = versionOf(this.#number, this.requests, planned.step);
    const before = this.#worlds.toString();
    const began = Date.now();
    const answer = await this.#answer({ ...request, version }, planned);
    if (answer.kind === 'done') this.done += 1;
    if (!reading.has(planned.step.kind)) this.#count(answer);
    const about = `lane ${this.#number}, request ${this.requests}: ${JSON.stringify(planned.step)}`;
    if (Date.now() - began > MAX_REQUEST_MS) this.wrong.push(`${about} took ${Date.now() - began} ms`);
    if (this.#worlds.takes({ ...request, version }, answer)) return;
    this.wrong.push(
      `${about} (${version}) was answered with ${JSON.stringify(answer)} where there was ${before}`,
    );
  }

  #count(answer: Answer): void {
    if (answer.kind === 'done') this.changes.made += 1;
    else if (answer.outcomeUnknown) this.changes.unknown += 1;
  }

  async #answer(request: Request, { cancelMs, paceMs }: PlannedStep): Promise<Answer> {
    const abort = new AbortController();
    const timer = cancelMs === undefined ? undefined : setTimeout(() => abort.abort(), cancelMs);
    try {
      return { kind: 'done', value: await this.#perform(request, { signal: abort.signal, paceMs }) };
    } catch (error) {
      if (!(error instanceof TransferError)) throw error;
      return { kind: 'failed', code: error.code, outcomeUnknown: error.outcomeUnknown };
    } finally {
      clearTimeout(timer);
    }
  }

  async #perform(
    { step, version }: Request,
    { signal, paceMs }: { signal: AbortSignal; paceMs: number },
  ): Promise<string> {
    const client = this.#client;
    const at = (name: string): string => pathOf(this.#number, name);
    switch (step.kind) {
      case 'upload':
        await client.writeFile(at(step.name), pieces(version, paceMs), { overwrite: step.overwrite, signal });
        return version;
      case 'append': {
        const append = client.append(at(step.name), { signal });
        await pipeline(Readable.from(pieces(version, paceMs)), append);
        return `${(await append.completed).size} bytes`;
      }
      case 'download':
        return this.#download(at(step.name), { signal, paceMs });
      case 'stat':
        return `${(await client.stat(at(step.name), { signal })).size} bytes`;
      case 'remove':
        await client.remove(at(step.name), { signal });
        return 'removed';
      case 'rename':
        await client.rename(at(step.name), at(step.to), { overwrite: step.overwrite, signal });
        return 'renamed';
      case 'copy': {
        const copy = await client.copy(at(step.name), at(step.to), { overwrite: step.overwrite, signal });
        return `${copy.size} bytes`;
      }
      case 'mkdir':
        await client.mkdir(at(step.name), { signal });
        return 'made';
      case 'utimes':
        await client.utimes(at(step.name), new Date(this.requests), { signal });
        return 'touched';
      case 'list': {
        const names: string[] = [];
        for await (const { path } of client.list(`lane-${this.#number}`, { signal }))
          names.push(path.slice(-1));
        return names.sort().join(' ');
      }
    }
  }

  async #download(
    path: string,
    { signal, paceMs }: { signal: AbortSignal; paceMs: number },
  ): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.#client.download(path, { signal })) {
      if (paceMs > 0) await pause(paceMs);
      chunks.push(chunk as Buffer);
    }
    return textOfBytes(Buffer.concat(chunks));
  }
}

// A time that is set again is no second change.
const reading: ReadonlySet<string> = new Set(['download', 'stat', 'list', 'utimes']);

/** The path of a file of a lane. */
export function pathOf(lane: number, name: string): string {
  return `lane-${lane}/${name}`;
}

// The size alone identifies the upload.
function versionOf(lane: number, request: number, step: Step): string {
  const size = 'size' in step ? step.size : 0;
  return `v${Math.floor(size / 100) * 100 + lane * 10 + request}`;
}

async function* pieces(version: string, paceMs: number): AsyncGenerator<Buffer> {
  const bytes = contentOf(version);
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    if (paceMs > 0) await pause(paceMs);
    yield bytes.subarray(at, at + PIECE_BYTES);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

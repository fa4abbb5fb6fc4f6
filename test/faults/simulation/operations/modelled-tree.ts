/** A directory that a program changes, and the picture that another one makes of it by a watch. */
import { inspect, isDeepStrictEqual } from 'node:util';
import {
  parseRemotePath,
  TransferError,
  type FileClient,
  type FileEntry,
  type MemoryStorage,
  type Watch,
  type WatchEvent,
} from '../../../../src/index.js';
import { pause } from '../../../support/doubles/virtual-time.js';
import { INTERRUPTIONS } from './operation-lane.js';
import type { PlannedChange } from './operation-plan.js';

const TREE = 'tree';

/** Virtual ms after the last change in which the picture must become that of the directory, and between two looks. */
const MAX_LATE_MS = 120_000;
const LOOK_MS = 100;

export class ModelledTree {
  readonly wrong: string[] = [];
  /** How often the watch has told that changes may be missing. */
  lost = 0;
  readonly #storage: MemoryStorage;
  readonly #watch: Watch;
  readonly #picture = new Map<string, FileEntry>();
  #isReady = false;
  #error: unknown;
  #ended: Promise<void> | undefined;

  constructor(client: FileClient, storage: MemoryStorage) {
    this.#storage = storage;
    this.#watch = client.watch(TREE, { recursive: true, snapshot: true });
  }

  /** Changes the directory while the watch runs. */
  async run(changes: readonly PlannedChange[]): Promise<void> {
    this.#ended = this.#follow();
    for (const change of changes) {
      if (change.afterMs > 0) await pause(change.afterMs);
      // A change that is not possible is none.
      await this.#change(change).catch(() => undefined);
    }
  }

  /** Waits for the picture, and ends the watch. */
  async check(): Promise<void> {
    let waitedMs = 0;
    while (this.#error === undefined && !(await this.#isEqual()) && waitedMs < MAX_LATE_MS) {
      await pause(LOOK_MS);
      waitedMs += LOOK_MS;
    }
    if (this.#error === undefined && waitedMs >= MAX_LATE_MS)
      this.wrong.push(`the watch shows ${[...this.#picture.keys()].join(' ')}`);
    await this.#watch.return?.();
    await this.#ended;
    const error = this.#error;
    if (error instanceof TransferError && INTERRUPTIONS.includes(error.code)) return;
    if (error !== undefined) this.wrong.push(`the watch failed: ${inspect(error)}`);
  }

  async #follow(): Promise<void> {
    try {
      for await (const event of this.#watch) this.#apply(event);
    } catch (error) {
      this.#error = error;
    }
  }

  #apply(event: WatchEvent): void {
    if (event.kind === 'ready') this.#isReady = true;
    if (event.kind === 'lost') this.lost += 1;
    if (!('entry' in event)) return;
    const { kind, entry } = event;
    const isKnown = this.#picture.has(event.kind === 'renamed' ? event.from : entry.path);
    if (isKnown !== (kind === 'changed' || kind === 'removed' || kind === 'renamed'))
      this.wrong.push(`the watch told ${kind} of ${entry.path}, which was ${isKnown ? '' : 'not '}known`);
    if ((kind === 'present') === this.#isReady) this.wrong.push(`the watch told ${kind} at a wrong moment`);
    if (event.kind === 'renamed') this.#move(event.from, entry.path);
    if (kind === 'removed') this.#picture.delete(entry.path);
    else this.#picture.set(entry.path, entry);
  }

  #move(from: string, to: string): void {
    for (const [path, entry] of [...this.#picture]) {
      if (path !== from && !path.startsWith(`${from}/`)) continue;
      this.#picture.delete(path);
      this.#picture.set(`${to}${path.slice(from.length)}`, entry);
    }
  }

  async #change({ kind, name, to }: PlannedChange): Promise<unknown> {
    const path = parseRemotePath(`${TREE}/${name}`);
    switch (kind) {
      case 'put':
        return this.#storage.writeFile(path, [Buffer.from(`${Date.now()}`)], { overwrite: true });
      case 'remove':
        return this.#storage.remove(path, { recursive: true });
      case 'rename':
        return this.#storage.rename(path, parseRemotePath(`${TREE}/${to}`), { overwrite: true });
      case 'mkdir':
        return this.#storage.mkdir(path, { recursive: false });
    }
  }

  async #isEqual(): Promise<boolean> {
    if (!this.#isReady) return false;
    const entries = new Map<string, string>();
    for await (const entry of this.#storage.list(parseRemotePath(TREE), { recursive: true }))
      entries.set(entry.path, textOf(entry));
    return isDeepStrictEqual(
      entries,
      new Map([...this.#picture].map(([path, entry]) => [path, textOf(entry)])),
    );
  }
}

/** Of a directory, only that it is one: its times change without an event. */
function textOf({ kind, size, etag }: FileEntry): string {
  return kind === 'directory' ? kind : `${kind} ${size} ${etag}`;
}

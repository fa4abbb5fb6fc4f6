/** The picture of a directory that a program makes of the events of a watch. */
import { once } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import { FileClient } from '../../../src/index.js';
import type { FileClientOptions, FileEntry, Watch, WatchEvent, WatchOptions } from '../../../src/index.js';

export const codecs = ['text', 'json', 'xml', 'binary'] as const;

export class Watched {
  readonly watch: Watch;
  readonly events: WatchEvent[] = [];
  readonly #client: FileClient;
  readonly #path: string;
  readonly #options: WatchOptions;
  readonly #entries = new Map<string, FileEntry>();

  constructor(client: FileClient, path = '/', options: WatchOptions = { recursive: true }) {
    this.#client = client;
    this.#path = path;
    this.#options = options;
    this.watch = client.watch(path, { snapshot: true, ...options });
  }

  get paths(): string[] {
    return [...this.#entries.keys()].sort();
  }

  /** The kinds of the events since the last call. */
  takeKinds(): string[] {
    return this.events.splice(0).map(({ kind }) => kind);
  }

  async next(): Promise<WatchEvent> {
    const { value } = await this.watch.next();
    if (!value) throw new Error('The watch has ended.');
    this.events.push(value);
    this.#apply(value);
    return value;
  }

  async until(kind: WatchEvent['kind'], path?: string): Promise<WatchEvent> {
    for (;;) {
      const event = await this.next();
      if (event.kind === kind && (path === undefined || ('entry' in event && event.entry.path === path)))
        return event;
    }
  }

  /** Takes events until the picture is what the server lists. Times of directories change without an event. */
  async untilEqual(): Promise<void> {
    const { recursive } = this.#options;
    const listed = sorted(await this.#client.readdir(this.#path, { recursive }));
    const isEqual = (): boolean =>
      this.#entries.size === listed.length && isDeepStrictEqual(sorted([...this.#entries.values()]), listed);
    while (!isEqual()) await this.next();
    expect(sorted([...this.#entries.values()])).toEqual(listed);
  }

  #apply(event: WatchEvent): void {
    if (!('entry' in event)) return;
    const { entry } = event;
    if (event.kind === 'removed') return void this.#entries.delete(entry.path);
    if (event.kind === 'renamed') {
      for (const [path, known] of [...this.#entries]) {
        if (path !== event.from && !path.startsWith(`${event.from}/`)) continue;
        const moved = `${entry.path}${path.slice(event.from.length)}` as FileEntry['path'];
        this.#entries.delete(path);
        this.#entries.set(moved, { ...known, path: moved });
      }
    }
    this.#entries.set(entry.path, entry);
  }
}

function sorted(entries: readonly FileEntry[]): object[] {
  return entries
    .map(({ mtime, ...entry }) => (entry.kind === 'directory' ? entry : { ...entry, mtime }))
    .sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** A client whose connection a test can cut. */
export class Cuttable {
  readonly client: FileClient;
  readonly #sockets: Socket[] = [];

  constructor(port: number, options: FileClientOptions) {
    const open = (): Socket => {
      const socket = connect(port, '127.0.0.1');
      this.#sockets.push(socket);
      return socket;
    };
    this.client = new FileClient({ connect: open, ...options });
    onTestFinished(() => this.client.destroy());
  }

  /** Cuts the connection, and resolves when the client knows it. */
  async cut(): Promise<void> {
    const cut = once(this.client, 'disconnect');
    this.#sockets.at(-1)?.destroy();
    await cut;
  }
}

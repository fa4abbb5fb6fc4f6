/** Trees of thousands of files that are made equal by clients and servers that are killed, as other programs would. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { FileClient, type CodecName, type SyncPlace } from '../../src/index.js';
import { temporaryDirectory } from '../support/servers/serve.js';
import { codecs } from './fixtures/fast-ends.js';
import { generateTree, write, type GeneratedTree } from './fixtures/generated-tree.js';
import { diff, hasProgram, rclone, rsync } from './fixtures/oracles.js';
import { withinResources } from './fixtures/resources.js';
import { reportNumbers } from './numbers.js';
import { CrashServer } from './processes/crash-server.js';
import { runSync, type SyncJob, type SyncReport } from './processes/sync-child.js';
import { chanceOf, sized } from './size.js';

const FILES = sized(600, 5_000);

/** Files that are changed between two runs. */
const CHANGED = 10;

const MIRROR = { mode: 'mirror', encodeNames: true, maxDelete: 10_000 } as const;

for (const codec of codecs.filter(() => process.platform === 'linux')) {
  it(`a tree is the same after a way there and back, in ${codec}`, { timeout: 900_000 }, async (context) => {
    const base = await temporaryDirectory();
    const numbers: Record<string, number> = {};
    const memory = await withinResources(async () => {
      const tree = await generateTree(path.join(base, 'source'), FILES, chanceOf(`synced-${codec}`));
      await fs.mkdir(path.join(base, 'served/tree'), { recursive: true });
      const server = await new CrashServer(path.join(base, 'served'), { flush: false }).start();
      try {
        const way = new Way(base, { tree, server, codec });
        numbers['files'] = tree.files;
        Object.assign(numbers, await way.up());
        await way.changes();
        Object.assign(numbers, await way.down());
      } finally {
        await server.kill();
      }
    });
    reportNumbers(context, { ...numbers, ...memory });
  });
}

class Way {
  readonly #tree: GeneratedTree;
  readonly #server: CrashServer;
  readonly #client: SyncJob['client'];
  readonly #remote: string;
  readonly #back: string;
  readonly #places: Record<'local' | 'remote' | 'back', SyncPlace>;

  constructor(base: string, scene: { tree: GeneratedTree; server: CrashServer; codec: CodecName }) {
    this.#tree = scene.tree;
    this.#server = scene.server;
    const reconnect = { maxAttempts: 10_000, maxElapsedMs: 60_000, minDelayMs: 1, maxDelayMs: 50 };
    this.#client = { port: scene.server.port, codec: scene.codec, reconnect };
    this.#remote = path.join(base, 'served/tree');
    this.#back = path.join(base, 'back');
    this.#places = {
      local: { local: scene.tree.root },
      remote: { remote: 'tree' },
      back: { local: this.#back },
    };
  }

  /** Up: the client is killed in the first run, the server in the second; the third sends the rest. */
  async up(): Promise<Record<string, number>> {
    const { problems } = this.#tree;
    const third = Math.floor(this.#tree.files / 3);
    expect(await this.#sync('local', 'remote', { killAfter: third })).toBeUndefined();
    const afterClient = await this.#nothingHalf(this.#remote);
    expect(afterClient).toBeGreaterThanOrEqual(third);
    const files = this.#tree.files + (await this.#later(third));
    let afterServer = 0;
    let restarted: Promise<unknown> | undefined;
    const onMoment = (): void => {
      restarted = this.#server
        .kill()
        .then(() => this.#nothingHalf(this.#remote))
        .then((count) => (afterServer = count))
        .then(() => this.#server.start());
    };
    const moment = Math.floor(third / 2);
    const second = await this.#sync('local', 'remote', { tellAfter: moment, onMoment });
    const { moved = 0, failed = [] } = second ?? {};
    await restarted;
    expect(afterServer).toBeGreaterThanOrEqual(afterClient + moment);
    expect(moved).toBeLessThanOrEqual(files - afterClient);
    const before = await this.#nothingHalf(this.#remote);
    const last = await this.#sync('local', 'remote');
    expect(last).toMatchObject({ moved: files - before, failed: [], problems, isComplete: true });
    this.#isSettled();
    return { 'kept after a kill of the client': afterClient, 'of unknown outcome': failed.length };
  }

  /** New files, so that there is something to send however much the server stored after the client was killed. */
  async #later(count: number): Promise<number> {
    for (let index = 0; index < count; index += 1)
      await write(this.#tree.root, `later/${index}`, { size: 1_000 + index, seed: 400_000 + index });
    return count;
  }

  /** Ten files change, three are new, two are gone: what moves is what others would move. */
  async changes(): Promise<void> {
    const { root, plain } = this.#tree;
    const step = Math.floor(plain.length / CHANGED);
    for (let index = 0; index < CHANGED; index += 1) {
      const below = plain[index * step] ?? '';
      const { size } = await fs.stat(path.join(root, below));
      // Half of them keep their size.
      const changed = index % 2 === 0 && size > 0 ? size : size + 7;
      await write(root, below, { size: changed, seed: 200_000 + index, seconds: 1_650_000_000 + index });
    }
    expect(await this.#sync('local', 'remote')).toMatchObject({ moved: CHANGED, deleted: 0, failed: [] });
    this.#isSettled();
    for (const index of [1, 2]) await fs.rm(path.join(root, plain[index * step + 1] ?? ''));
    for (const name of ['new/a', 'new/b/c', 'zz'])
      await write(root, name, { size: 30_000, seed: 300_000 + name.length });
    await this.#isPlannedAlike();
    const copy = `${this.#remote}-by-rsync`;
    if (hasProgram('rsync')) {
      rsync(this.#remote, copy, { dryRun: false, odd: true });
      rsync(root, copy, { dryRun: false });
    }
    expect(await this.#sync('local', 'remote')).toMatchObject({ moved: 3, deleted: 2, failed: [] });
    if (hasProgram('rsync')) expect(diff(copy, this.#remote)).toEqual([]);
    this.#isSettled();
  }

  /** Down: the client is killed; the second run receives the rest. */
  async down(): Promise<Record<string, number>> {
    const files = await countFiles(this.#tree.root);
    await fs.mkdir(this.#back);
    expect(await this.#sync('remote', 'back', { killAfter: Math.floor(files / 2) })).toBeUndefined();
    const kept = await this.#nothingHalf(this.#back);
    expect(kept).toBeGreaterThanOrEqual(Math.floor(files / 2));
    const rest = await this.#sync('remote', 'back');
    expect(rest).toMatchObject({ moved: files - kept, failed: [], problems: 0, isComplete: true });
    expect(await this.#sync('remote', 'back')).toMatchObject({ moved: 0, deleted: 0, isComplete: true });
    expect(diff(this.#tree.root, this.#back)).toEqual([]);
    if (hasProgram('rsync')) expect(rsync(this.#tree.root, this.#back, { odd: true })).toEqual([]);
    return { 'kept after a kill of the receiver': kept };
  }

  #sync(
    from: 'local' | 'remote',
    to: 'remote' | 'back',
    { onMoment, ...more }: Pick<SyncJob, 'killAfter' | 'tellAfter'> & { onMoment?: () => void } = {},
  ): Promise<SyncReport | undefined> {
    const { [from]: source, [to]: target } = this.#places;
    return runSync({ client: this.#client, from: source, to: target, sync: MIRROR, ...more }, onMoment);
  }

  /** Nothing is left to do, and other programs agree. */
  #isSettled(): void {
    expect(diff(this.#tree.root, this.#remote, ['odd'])).toEqual([]);
    if (hasProgram('rsync')) expect(rsync(this.#tree.root, this.#remote)).toEqual([]);
    if (hasProgram('rclone')) expect(rclone(this.#tree.root, this.#remote)).toEqual([]);
  }

  async #isPlannedAlike(): Promise<void> {
    const client = new FileClient(this.#client);
    const plan: string[] = [];
    const places = this.#places;
    for await (const { kind, path: below } of client.planSync(places.local, places.remote, MIRROR))
      if (kind !== 'touch' && kind !== 'problem') plan.push(`${kind} ${below}`);
    await client.close();
    const isAction = (line: string): boolean => /^(transfer|delete|make-directory) /.test(line);
    const { root } = this.#tree;
    if (hasProgram('rsync')) expect(rsync(root, this.#remote).filter(isAction)).toEqual(plan.sort());
    const files = plan.filter((line) => !line.startsWith('make-directory'));
    if (hasProgram('rclone')) expect(rclone(root, this.#remote)).toEqual(files.sort());
  }

  /** The number of files that have their names at a target: each is whole. */
  async #nothingHalf(target: string): Promise<number> {
    const differing = diff(this.#tree.root, target).filter((line) => / differ$| while /.test(line));
    expect(differing).toEqual([]);
    return countFiles(target);
  }
}

/** The number of files below a directory, without those of unfinished transfers. */
async function countFiles(root: string): Promise<number> {
  const all = await fs.readdir(root, { recursive: true, withFileTypes: true });
  return all.filter((entry) => entry.isFile() && !`${entry.parentPath}/${entry.name}`.includes('.socket-ftp'))
    .length;
}

/** A million files on each side, which no plan may hold in memory. */
import { expect, it } from 'vitest';
import { planSettings, type PlanOptions } from '../../src/client/directories/options.js';
import { planTrees } from '../../src/client/directories/plan-trees.js';
import type { ScannedEntry, Tree } from '../../src/client/directories/scan/tree.js';
import { REMOTE_ROOT } from '../../src/protocol/remote-path.js';
import { reportNumbers } from './numbers.js';

const DIRECTORIES = 1_000;
const FILES = 1_000;
const MIB = 1024 * 1024;

/** Memory that a plan of a million entries may hold, also if all of them are in one directory. */
const MAX_MIB = 150;

/** Listings between two looks at the memory. */
const LISTINGS = 100;

/** Bytes that are in use after a garbage collection: what is resident depends on when the last one was. */
function heldBytes(): number {
  if (!globalThis.gc) throw new Error('The tests need --expose-gc.');
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

let listings = 0;
let peak = 0;

function look(): void {
  if (listings++ % LISTINGS === 0) peak = Math.max(peak, heldBytes());
}

const entryOf = (name: string, kind: 'file' | 'directory', size = 0): ScannedEntry => ({
  name,
  kind,
  size,
  mtimeMs: 1_600_000_000_000,
  mode: 0o644,
  etag: kind === 'file' ? `0123456789abcdef-${name}` : undefined,
});

/** A tree that makes its entries when they are listed. */
function generated(files: number, directories = DIRECTORIES): Tree {
  return {
    mtimeStepMs: 1,
    foldsNames: false,
    hasModes: true,
    canTouchRoot: true,
    stat: async () => entryOf('', 'directory'),
    checksum: async (path) => `sha256:${path}`,
    prefixChecksum: async (path) => `sha256:${path}`,
    list: async (path, { add }) => {
      look();
      const isRoot = path === '' && directories > 0;
      const count = isRoot ? directories : files;
      for (let index = 0; index < count; index += 1) {
        if (index % 250_000 === 0) look();
        if (isRoot) add(entryOf(`directory-${index}`, 'directory'));
        else
          add(entryOf(`a-file-with-a-usual-name-${index}.txt`, 'file', 1_000 + ((index * 7_919) % 60_000)));
      }
      return 0;
    },
  };
}

const full = generated(FILES);
const empty = generated(0);
const flat = generated(DIRECTORIES * FILES, 0);
const nothing = generated(0, 0);
const deletes = { mode: 'mirror', maxDelete: 10_000_000 } as const;

/** A filter that takes every entry, and looks at the memory now and then: a large directory is listed once. */
let entries = 0;
const filter = (): boolean => {
  if (entries++ % 250_000 === 0) peak = Math.max(peak, heldBytes());
  return true;
};

const cases: [name: string, trees: [source: Tree, target: Tree], options: PlanOptions][] = [
  ['equal', [full, full], { mode: 'mirror' }],
  ['to send', [full, empty], {}],
  ['to delete', [empty, full], deletes],
  ['to send in one directory', [flat, nothing], { filter }],
  ['to delete in one directory', [nothing, flat], { ...deletes, filter }],
  ['equal in one directory', [flat, flat], { mode: 'mirror', filter }],
];

for (const [name, [source, target], options] of cases) {
  it(`a plan of a million files ${name} takes little memory`, async (context) => {
    const roots = { local: '/', remote: REMOTE_ROOT, direction: 'upload' } as const;
    const before = heldBytes();
    peak = before;
    const cpu = process.cpuUsage();
    let actions = 0;
    const settings = planSettings(options);
    for await (const { kind } of planTrees({ source, target }, { roots, settings, isCheck: false })) {
      if (kind === 'transfer' || kind === 'delete') actions++;
      if (actions % 100_000 === 1) peak = Math.max(peak, heldBytes());
    }
    const mib = Math.round((Math.max(peak, heldBytes()) - before) / MIB);
    expect(actions).toBe(source === target ? 0 : DIRECTORIES * FILES);
    expect(mib).toBeLessThan(MAX_MIB);
    reportNumbers(context, {
      actions,
      'MiB at most': mib,
      'ms of CPU': Math.round(process.cpuUsage(cpu).user / 1_000),
    });
  });
}

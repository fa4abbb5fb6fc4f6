/** Files in one directory, and directories in directories: what an entry, and a file among so many, costs. */
// @ts-check
import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { rowOf } from './figures.mjs';
import { Pair } from './pair.mjs';

/** @import { Scene } from '../growth.mjs' */

const SIZES = [1_000, 10_000, 100_000, 1_000_000];
const WIDTHS = [32, 100, 316, 1_000];

/** Entries that a client reads which is in no hurry. */
const SLOW_ENTRIES = 20_000;

/** Requests for single files in the directory. */
const SINGLE = 2_000;

/** One directory that grows. @param {Scene} scene */
export async function growDirectory({ folder, table, max, profiles }) {
  const root = path.join(folder, 'files');
  const many = path.join(root, 'many');
  mkdirSync(many, { recursive: true });
  const pair = await Pair.start({ storage: { root } }, profiles);
  let files = 0;
  try {
    for (const size of SIZES.filter((one) => one <= max)) {
      while (files < size) closeSync(openSync(path.join(many, fileName(files++)), 'w'));
      if (size === SIZES[0]) await warmUp(pair, size);
      for (const [what, job, args] of jobsIn(size)) table.add(rowOf(what, size, await pair.cost(job, args)));
    }
  } finally {
    await pair.stop();
  }
}

/** @type {(size: number) => [what: string, job: string, args: object][]} */
function jobsIn(size) {
  // Small directories are read several times, or there would be nothing to measure.
  const times = Math.max(1, 50_000 / size);
  const some = Array.from({ length: SINGLE }, (_, index) => `many/${fileName((index * 7_919) % size)}`);
  const others = Array.from({ length: SINGLE }, (_, index) => `many/new-${index}`);
  return [
    ['list, an entry', 'list', { path: 'many', times }],
    ['list recursively, an entry', 'list', { path: 'many', times, recursive: true }],
    ['list for a slow reader', 'listSlowly', { path: 'many', entries: Math.min(size, SLOW_ENTRIES) }],
    ['stat, a file', 'stat', { names: some }],
    ['download, an empty file', 'download', { names: some }],
    ['upload, a small file', 'upload', { names: others }],
    ['remove, a file', 'remove', { names: others }],
  ];
}

/** @type {(pair: Pair, size: number) => Promise<void>} */
async function warmUp(pair, size) {
  for (const [, job, args] of jobsIn(size)) await pair.client(job, args);
}

/** Trees of directories, as many in each as there are. @param {Scene} scene */
export async function growTree({ folder, table, max, profiles }) {
  const root = path.join(folder, 'trees');
  const pair = await Pair.start({ storage: { root } }, profiles);
  try {
    for (const width of WIDTHS.filter((one) => one * one <= max)) {
      const tree = `tree-${width}`;
      for (let outer = 0; outer < width; outer++) makeRow(path.join(root, tree, String(outer)), width);
      if (width === WIDTHS[0]) await pair.client('list', { path: tree, recursive: true, times: 5 });
      const times = Math.max(1, Math.floor(20_000 / width ** 2));
      const cost = await pair.cost('list', { path: tree, recursive: true, times });
      table.add(rowOf('list a tree recursively, a directory', width ** 2, cost));
    }
  } finally {
    await pair.stop();
  }
}

/** @type {(directory: string, width: number) => void} */
function makeRow(directory, width) {
  mkdirSync(directory, { recursive: true });
  for (let inner = 0; inner < width; inner++) mkdirSync(path.join(directory, String(inner)));
}

/** @param {number} index */
function fileName(index) {
  return `file-${String(index).padStart(7, '0')}.txt`;
}

/** One growing file: the cost of each MiB, and the cost of a byte at its end. */
// @ts-check
import { closeSync, ftruncateSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { rowOf } from './figures.mjs';
import { Pair } from './pair.mjs';

/** @import { Scene } from '../growth.mjs' */

const MIB = 1024 * 1024;
const SIZES_MIB = [1, 100, 10 * 1024, 100 * 1024];

/** Transfers of less than that are repeated. */
const MIN_MIB = 200;

/** Downloads of sparse files, whose bytes cost the disk nothing. @param {Scene} scene */
export async function growDownload({ folder, table, maxMiB, profiles }) {
  const root = path.join(folder, 'transfers');
  mkdirSync(root);
  const pair = await Pair.start({ storage: { root } }, profiles);
  try {
    for (const sizeMiB of SIZES_MIB.filter((one) => one <= maxMiB)) {
      const name = `${sizeMiB}.bin`;
      makeSparse(path.join(root, name), sizeMiB * MIB);
      if (sizeMiB === SIZES_MIB[0]) await pair.client('bulkDown', { path: name, times: MIN_MIB });
      const cost = await pair.cost('bulkDown', { path: name, times: timesOf(sizeMiB) });
      table.add(rowOf('download, a MiB', sizeMiB, cost));
    }
    for (const sizeMiB of SIZES_MIB.filter((one) => one <= maxMiB)) {
      const path = `${sizeMiB}.bin`;
      const cost = await pair.cost('bulkDown', { path, offset: (sizeMiB - 1) * MIB, times: 20 });
      table.add(rowOf('download the last MiB', sizeMiB, cost));
    }
  } finally {
    await pair.stop();
  }
}

/** Uploads to a storage that only counts. @param {Scene} scene */
export async function growUpload({ table, maxMiB, profiles }) {
  const pair = await Pair.start({ storage: {} }, profiles);
  try {
    await pair.client('bulkUp', { path: 'warm-up', bytes: MIB, times: MIN_MIB });
    for (const sizeMiB of SIZES_MIB.filter((one) => one <= Math.min(maxMiB, 10 * 1024))) {
      const cost = await pair.cost('bulkUp', { path: 'file', bytes: sizeMiB * MIB, times: timesOf(sizeMiB) });
      table.add(rowOf('upload, a MiB', sizeMiB, cost));
    }
  } finally {
    await pair.stop();
  }
}

/** @param {number} sizeMiB */
function timesOf(sizeMiB) {
  return Math.max(1, MIN_MIB / sizeMiB);
}

/** @type {(file: string, bytes: number) => void} */
function makeSparse(file, bytes) {
  const fd = openSync(file, 'w');
  ftruncateSync(fd, bytes);
  closeSync(fd);
}

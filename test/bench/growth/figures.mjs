/** Measurements: rows of cost per item, as tables to read and as JSON to compare. */
// @ts-check
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, release } from 'node:os';
import path from 'node:path';

/** @import { Cost } from './pair.mjs' */

/**
 * The cost of one kind of work at one size. Times are microseconds an item, but for `firstMs`; memory is MiB.
 * @typedef {object} Row
 * @property {string} what
 * @property {number} size
 * @property {number} items
 * @property {number} [wallUs]
 * @property {number} [serverUs]
 * @property {number} [clientUs]
 * @property {number} [firstMs]
 * @property {number} [serverMiB]
 * @property {number} [clientMiB]
 * @property {number} [heldKiB]
 */

/** @type {readonly (readonly [keyof Row, string, number])[]} */
const columns = [
  ['serverUs', 'server us', 2],
  ['clientUs', 'client us', 2],
  ['wallUs', 'wall us', 2],
  ['firstMs', 'first ms', 2],
  ['serverMiB', 'server MiB', 0],
  ['clientMiB', 'client MiB', 0],
  ['heldKiB', 'held KiB', 2],
];

const MIB = 1024 * 1024;

/** A row of the cost of a job. @type {(what: string, size: number, cost: Cost) => Row} */
export function rowOf(what, size, { answer, wallUs, server, client }) {
  const { items, firstMs } = answer;
  return {
    what,
    size,
    items,
    wallUs: wallUs / items,
    serverUs: server.cpuUs / items,
    clientUs: client.cpuUs / items,
    firstMs,
    serverMiB: server.peakBytes / MIB,
    clientMiB: client.peakBytes / MIB,
  };
}

/** The rows, printed at once in short, and at the end as a table for each kind of work. */
export class Table {
  /** @type {Map<string, Row[]>} */
  #kinds = new Map();
  /** @type {Row[]} */
  all = [];

  /** @param {Row} row */
  add(row) {
    this.all.push(row);
    this.#kinds.set(row.what, [...(this.#kinds.get(row.what) ?? []), row]);
    console.error(`${row.what}, ${row.size.toLocaleString('en')}: ${row.wallUs?.toFixed(2) ?? ''}`);
  }

  /** Prints the rows since the last call. */
  print() {
    for (const [what, rows] of this.#kinds) printKind(what, rows);
    this.#kinds.clear();
  }
}

/** Prints the costs at each size, and their ratio of the largest to the smallest. @type {(what: string, rows: Row[]) => void} */
function printKind(what, rows) {
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last) return;
  // A figure that is missing at one size is missing at all.
  const shown = columns.filter(([name]) => first[name] !== undefined);
  console.log(`\n${what.padEnd(44)}${shown.map(([, title]) => cell(title)).join('')}`);
  for (const row of rows) {
    const cells = shown.map(([name, , digits]) => cell(Number(row[name]).toFixed(digits)));
    console.log(`${row.size.toLocaleString('en').padStart(44)}${cells.join('')}`);
  }
  const ratios = shown.map(([name]) => cell((Number(last[name]) / Number(first[name])).toFixed(2)));
  if (rows.length > 1) console.log(`${'largest to smallest'.padStart(44)}${ratios.join('')}`);
}

/** @param {string} figure */
function cell(figure) {
  return figure.padStart(12);
}

/** Writes everything to `bench-results/`. @type {(rows: readonly Row[], options: object) => Promise<string>} */
export async function writeJson(rows, options) {
  const date = new Date().toISOString();
  const processors = cpus();
  const machine = {
    node: process.version,
    cpu: processors[0]?.model,
    cpus: processors.length,
    system: release(),
  };
  const file = path.join('bench-results', `growth-${date.replaceAll(':', '-')}.json`);
  await mkdir('bench-results', { recursive: true });
  await writeFile(file, JSON.stringify({ date, machine, options, rows }, null, 2) + '\n');
  return file;
}

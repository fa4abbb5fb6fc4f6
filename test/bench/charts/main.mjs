/**
 * `npm run bench:charts -- bench-results/<file>.json`: draws what was measured, and writes it into docs/performance.md,
 * between the comments that say what belongs there. The prose around them is written by hand.
 */
// @ts-check
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { INSTALL_PACKAGES } from '../availability.mjs';
import { versionOf } from '../packages/load.mjs';
import { cpuChart } from './cpu-chart.mjs';
import { fill } from './document.mjs';
import { draw } from './draw.mjs';
import { groups } from './groups.mjs';
import { ratioChart } from './ratio-chart.mjs';
import { groupTables, machineTable, variantTable } from './tables.mjs';

/** @import { Recorded } from '../record.mjs' */

const DOCS = path.join(import.meta.dirname, '../../../docs');
const DOCUMENT = path.join(DOCS, 'performance.md');

const [file, ...rest] = process.argv.slice(2);
if (file === undefined || rest.length > 0) {
  console.error('npm run bench:charts -- bench-results/<file>.json');
  process.exitCode = 1;
} else if ((await versionOf('vega')) === undefined) {
  console.error(`The charts need Vega: ${INSTALL_PACKAGES}`);
  process.exitCode = 1;
} else await writeAll(/** @type {Recorded} */ (JSON.parse(await readFile(file, 'utf8'))));

/** @param {Recorded} recorded */
async function writeAll(recorded) {
  for (const [name, names] of Object.entries(groups)) await writeChart(name, ratioChart(recorded, names));
  await writeChart('cpu', cpuChart(recorded));
  const tables = Object.entries(groups).map(([name, names]) => [name, groupTables(recorded, names)]);
  const parts = {
    machine: machineTable(recorded),
    variants: variantTable(recorded),
    ...Object.fromEntries(tables),
  };
  const text = fill(await readFile(DOCUMENT, 'utf8'), parts);
  const style = await resolveConfig(DOCUMENT);
  await writeFile(DOCUMENT, await format(text, { ...style, filepath: DOCUMENT }));
  console.log(`Written: ${path.relative('.', DOCUMENT)} and its charts.`);
}

/** @type {(name: string, chart: object) => Promise<void>} */
async function writeChart(name, chart) {
  await writeFile(path.join(DOCS, `performance-${name}.svg`), await draw(chart));
}

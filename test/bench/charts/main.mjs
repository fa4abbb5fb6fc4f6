/**
 * `npm run bench:charts -- bench-results/<file>.json`: writes the charts and tables of a bench run into
 * docs/performance.md (one of each) and docs/internals/performance.md (all), between the comments that name the parts.
 * The prose around them is written by hand.
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
import { groups, overview } from './groups.mjs';
import { readRecord } from '../results/record.mjs';
import { ratioChart } from './ratio-chart.mjs';
import { summaryTable } from './summary-table.mjs';
import { groupTables, machineTable, variantTable } from '../results/tables.mjs';

/** @import { Recorded } from '../results/record.mjs' */

const DOCS = path.join(import.meta.dirname, '../../../docs');

const [file, ...rest] = process.argv.slice(2);
if (file === undefined || rest.length > 0) {
  console.error('npm run bench:charts -- bench-results/<file>.json');
  process.exitCode = 1;
} else if ((await versionOf('vega')) === undefined) {
  console.error(`The charts need Vega: ${INSTALL_PACKAGES}`);
  process.exitCode = 1;
} else await writeAll(await readRecord(file));

/** @param {Recorded} recorded */
async function writeAll(recorded) {
  await writePage(
    'performance.md',
    { summary: summaryTable(recorded) },
    { performance: ratioChart(recorded, overview) },
  );
  const tables = Object.entries(groups).map(([name, names]) => [name, groupTables(recorded, names)]);
  const parts = {
    machine: machineTable(recorded),
    variants: variantTable(recorded),
    ...Object.fromEntries(tables),
  };
  const charts = Object.entries(groups).map(([name, names]) => [
    `performance-${name}`,
    ratioChart(recorded, names),
  ]);
  await writePage('internals/performance.md', parts, {
    ...Object.fromEntries(charts),
    'performance-cpu': cpuChart(recorded),
  });
}

/** @type {(page: string, parts: Record<string, string>, charts: Record<string, object>) => Promise<void>} */
async function writePage(page, parts, charts) {
  const file = path.join(DOCS, page);
  for (const [name, chart] of Object.entries(charts)) {
    await writeFile(path.join(path.dirname(file), `${name}.svg`), await draw(chart));
  }
  const text = fill(await readFile(file, 'utf8'), parts);
  await writeFile(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
  console.log(`Written: ${path.relative('.', file)} and its charts.`);
}

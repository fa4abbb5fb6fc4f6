/**
 * The bench: every contender does every workload in every round, in turns, so that a machine that is slower for a while
 * is so for all. Everything is loopback; server and client are two processes, new ones for each workload. What a run
 * downloads ends as it does in a program: in a stream, in a file or in a value. It is no test: only `--gate` fails.
 *
 *     options -> workloads, each in rounds of runs -> ratios within rounds -> tables, JSON, bounds
 */
// @ts-check
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { missingFor } from './availability.mjs';
import { bounds } from './bounds.mjs';
import { printListing } from './listing.mjs';
import { printHottest } from './measuring/hottest.mjs';
import { measure } from './measuring/measuring.mjs';
import { pinTo } from './measuring/pinning.mjs';
import { makePlaces, removePlaces, removePlacesNow } from './measuring/places.mjs';
import { USAGE, readOptions } from './options.mjs';
import { withRatios } from './results/ratios.mjs';
import { readRecord, writeRecord } from './results/record.mjs';
import { tablesOf } from './results/tables.mjs';
import { verdictTable, verdictsOf } from './results/verdicts.mjs';

/** @import { Options } from './options.mjs' */

try {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') console.log(USAGE);
  else if (options === 'list') await printListing();
  else await bench(options);
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 1;
}

/** @param {Options} options */
async function bench(options) {
  const recorded = options.from === undefined ? await measured(options) : await readRecord(options.from);
  console.log(options.json ? JSON.stringify(recorded, null, 1) : tablesOf(recorded));
  if (options.gate) gate(recorded);
}

/** @param {Options} options */
async function measured(options) {
  if (options.pin !== undefined) pinTo(options.pin);
  const profiles = options.profile ? path.join('bench-results', `profiles-${Date.now()}`) : undefined;
  if (profiles !== undefined) await mkdir(profiles, { recursive: true });
  const { rounds, workloads } = options;
  const names = await installed(options.contenders);
  const places = await makePlaces(options);
  process.once('SIGINT', () => {
    // Gigabytes of memory would stay behind. The other processes end with this one.
    removePlacesNow(places);
    process.exit(130);
  });
  const plan = { contenders: names, workloads, rounds, wanted: options, places, onRun: printProgress };
  const started = profiles === undefined ? plan : { ...plan, profiles };
  const results = await measure(started).finally(() => removePlaces(places));
  const { file, recorded } = await writeRecord(withRatios(results), { ...options, contenders: names });
  console.error(`\nWritten to ${file}.\n`);
  if (profiles !== undefined) await printHottest(profiles);
  return recorded;
}

/** @type {NonNullable<import('./measuring/measuring.mjs').Plan['onRun']>} */
function printProgress(round, { workload, contender }) {
  process.stderr.write(`\r\x1b[Kround ${round}: ${workload}, ${contender}`);
}

/** Lists the bounds that are missed. @param {import('./results/record.mjs').Recorded} recorded */
function gate({ results }) {
  const verdicts = verdictsOf(results, bounds);
  for (const state of /** @type {const} */ (['met', 'missed'])) {
    const table = verdictTable(verdicts, state);
    if (table !== '') console.error(`\nBounds, ${state}:\n\n${table}`);
  }
  const unmeasured = verdicts.filter(({ state }) => state === 'not measured').length;
  if (unmeasured > 0) console.error(`\nBounds, not measured: ${unmeasured} of ${verdicts.length}.`);
  if (verdicts.some(({ state }) => state === 'missed')) process.exitCode = 1;
}

/** The contenders that can run here; prints the missing requirements of the others. @type {(names: readonly string[]) => Promise<string[]>} */
async function installed(names) {
  /** @type {string[]} */
  const found = [];
  for (const name of names) {
    const missing = await missingFor(name);
    if (missing === undefined) found.push(name);
    else console.error(`${name} is skipped: ${missing}`);
  }
  return found;
}

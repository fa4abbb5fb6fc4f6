/**
 * The bench: every contender does every workload in every round, in turns, so that a machine that is slower for a while
 * is so for all. Everything is loopback, server and client are processes of their own. It is no test: nothing is
 * too slow for it.
 *
 *     options -> contenders, a pair of processes each -> rounds of runs -> ratios within rounds -> tables, JSON
 */
// @ts-check
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { missingFor } from './availability.mjs';
import { Contender } from './contender.mjs';
import { printHottest } from './measuring/hottest.mjs';
import { printListing } from './listing.mjs';
import { measure } from './measuring/measuring.mjs';
import { USAGE, readOptions } from './options.mjs';
import { pinTo } from './measuring/pinning.mjs';
import { makePlaces, removePlaces, removePlacesNow } from './measuring/places.mjs';
import { withRatios } from './results/ratios.mjs';
import { writeRecord } from './results/record.mjs';
import { printTables } from './results/report.mjs';

/** @import { Options } from './options.mjs' */
/** @import { Places } from './measuring/places.mjs' */

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
  if (options.pin !== undefined) pinTo(options.pin);
  const profiles = options.profile ? path.join('bench-results', `profiles-${Date.now()}`) : undefined;
  if (profiles !== undefined) await mkdir(profiles, { recursive: true });
  const names = await installed(options.contenders);
  const { rounds, sizeMiB, files } = options;
  const places = await makePlaces(options);
  process.once('SIGINT', () => {
    // Gigabytes of memory would stay behind. The other processes end with this one.
    removePlacesNow(places);
    process.exit(130);
  });
  console.log(`${rounds} rounds in ${places.folder}: ${sizeMiB} MiB in bulk, ${files} files of 1 to 16 KiB.`);
  try {
    const results = withRatios(await measured(names, { options, places, profiles }));
    printTables(results);
    console.log(`\nWritten to ${await writeRecord(results, { ...options, contenders: names })}.`);
  } finally {
    await removePlaces(places);
  }
  if (profiles !== undefined) await printHottest(profiles);
}

/** @type {(names: readonly string[], how: { options: Options, places: Places, profiles: string | undefined }) => ReturnType<typeof measure>} */
async function measured(names, { options, places, profiles }) {
  const { workloads, rounds } = options;
  /** @type {Contender[]} */
  const contenders = [];
  try {
    for (const name of names) contenders.push(await Contender.start(name, places, profiles));
    const onRound = (/** @type {number} */ round) =>
      process.stderr.write(round === 0 ? 'warming up' : `, round ${round}`);
    return await measure({ contenders, workloads, rounds, wanted: options, places, onRound });
  } finally {
    process.stderr.write('\n');
    for (const contender of contenders) await contender.stop();
  }
}

/** The contenders that can run here; prints the missing requirements of the others. @type {(names: readonly string[]) => Promise<string[]>} */
async function installed(names) {
  /** @type {string[]} */
  const found = [];
  for (const name of names) {
    const missing = await missingFor(name);
    if (missing === undefined) found.push(name);
    else console.log(`${name} is skipped: ${missing}`);
  }
  return found;
}

/**
 * The bench: every contender does every workload in every round, in turns, so that a machine that is slower for a while
 * is so for all. Everything is loopback, server and client are processes of their own. It is no test: nothing is
 * too slow for it.
 */
// @ts-check
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { Contender } from './contenders.mjs';
import { WARM_UP_MIB, emptyTargets, makeFolder } from './files.mjs';
import { printHottest } from './hottest.mjs';
import { USAGE, readOptions } from './options.mjs';
import { printTable, withRatios, writeJson } from './report.mjs';
import { unitsOf, workloads } from './workloads.mjs';

/** @import { Options } from './options.mjs' */
/** @import { Amount } from './workloads.mjs' */

const REQUESTS = 20_000;

try {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') console.log(USAGE);
  else await bench(options);
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 1;
}

/** @param {Options} options */
async function bench(options) {
  const { sizeMiB, files } = options;
  const profiles = options.profile ? path.join('bench-results', `profiles-${Date.now()}`) : undefined;
  if (profiles !== undefined) await mkdir(profiles, { recursive: true });
  const folder = await makeFolder(options);
  console.log(
    `${options.rounds} rounds in ${folder}: ${sizeMiB} MiB in bulk, ${files} files of 1 to 16 KiB.`,
  );
  /** @type {Contender[]} */
  const contenders = [];
  try {
    for (const name of options.contenders) contenders.push(await Contender.start(name, { folder, profiles }));
    const results = withRatios(await measure(contenders, folder, options));
    printTable(results);
    console.log(`\nWritten to ${await writeJson(results, options)}.`);
  } finally {
    for (const contender of contenders) await contender.stop();
    await rm(folder, { recursive: true });
  }
  if (profiles !== undefined) await printHottest(profiles);
}

/**
 * @param {readonly Contender[]} contenders
 * @param {string} folder
 * @param {Options} options
 */
async function measure(contenders, folder, options) {
  const measured = options.workloads.flatMap((workload) =>
    contenders.map((contender) => ({
      workload,
      contender: contender.name,
      rates: /** @type {number[]} */ ([]),
    })),
  );
  for (let round = 0; round <= options.rounds; round++) {
    // Round 0 warms up.
    const amount = amountOf(options, round === 0);
    process.stderr.write(round === 0 ? 'warming up' : `, round ${round}`);
    for (const { workload, rates, contender } of inTurn(measured, round, contenders.length)) {
      const rate = await rateOf({
        workload,
        amount,
        contender: contenders.find(({ name }) => name === contender),
        folder,
      });
      if (round > 0) rates.push(rate);
    }
  }
  process.stderr.write('\n');
  return measured;
}

/**
 * The same, but within each workload another contender begins in every round.
 *
 * @template Item
 * @param {readonly Item[]} items
 * @param {number} round
 * @param {number} groupSize
 */
function inTurn(items, round, groupSize) {
  return items.map((_, index) => {
    const start = index - (index % groupSize);
    return /** @type {Item} */ (items[start + ((index + round) % groupSize)]);
  });
}

/** @type {(task: { workload: string, amount: Amount, contender: Contender | undefined, folder: string }) => Promise<number>} */
async function rateOf({ workload, amount, contender, folder }) {
  const known = workloads[workload];
  if (!contender || !known) throw new Error(`${workload} is not known.`);
  await emptyTargets(folder);
  const ms = await contender.run({ workload, amount });
  return (unitsOf(known, amount) * 1000) / ms;
}

/** @type {(options: Options, isWarmUp: boolean) => Amount} */
function amountOf({ sizeMiB, files }, isWarmUp) {
  if (!isWarmUp) return { bulk: 'bulk.bin', bulkMiB: sizeMiB, files, requests: REQUESTS };
  const fewer = Math.min(files, 1000);
  return { bulk: 'warm-up.bin', bulkMiB: WARM_UP_MIB, files: fewer, requests: REQUESTS / 10 };
}

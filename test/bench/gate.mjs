/**
 * `npm run bench:gate`: fails when a workload has become much slower. It compares with raw in the same rounds and on the
 * same core, so that it is the same on every machine; needs nothing but Node, and less than a minute.
 */
// @ts-check
import { Contender } from './contender.mjs';
import { ROUNDS, TRIES, UNPINNED, WANTED, bounds } from './gate-bounds.mjs';
import { measure } from './measuring/measuring.mjs';
import { pinTo } from './measuring/pinning.mjs';
import { makePlaces, removePlaces } from './measuring/places.mjs';
import { withRatios } from './results/ratios.mjs';
import { summaryOf } from './results/statistics.mjs';

/** @import { Places } from './measuring/places.mjs' */

const OURS = 'binary';
const CORE = 0;

const factor = isPinned() ? 1 : UNPINNED;
const places = await makePlaces(WANTED);
try {
  let missed = Object.keys(bounds);
  for (let tries = 0; tries < TRIES && missed.length > 0; tries++) {
    if (tries > 0) console.log('\nOnce more, for a machine can be busy:');
    missed = await missedOf(missed, places);
  }
  if (missed.length > 0) {
    console.error(`\nSlower than the bounds in test/bench/gate-bounds.mjs allow: ${missed.join(', ')}.`);
    process.exitCode = 1;
  }
} finally {
  await removePlaces(places);
}

/** Measures workloads; resolves with those that miss their bounds. @type {(names: readonly string[], where: Places) => Promise<string[]>} */
async function missedOf(names, where) {
  const contenders = [await Contender.start('raw', where), await Contender.start(OURS, where)];
  try {
    const plan = { contenders, workloads: names, rounds: ROUNDS, wanted: WANTED, places: where };
    const ours = withRatios(await measure(plan)).filter(({ contender }) => contender === OURS);
    // A contender that failed has no result, and misses its bound, too.
    return names.filter(
      (name) => !isReached(name, ours.find(({ workload }) => workload === name)?.ratios.toRaw),
    );
  } finally {
    for (const contender of contenders) await contender.stop();
  }
}

/** @type {(name: string, ratios: readonly number[] | undefined) => boolean} */
function isReached(name, ratios = []) {
  const bound = (bounds[name] ?? 0) * factor;
  const { median, min, max } = summaryOf(ratios);
  const isEnough = median >= bound;
  const range = `${min.toFixed(2)} to ${max.toFixed(2)}`;
  const verdict = isEnough ? 'well' : 'TOO SLOW';
  console.log(
    `${name.padEnd(15)}${median.toFixed(2)} of raw (${range}), at least ${bound.toFixed(2)}: ${verdict}`,
  );
  return isEnough;
}

function isPinned() {
  try {
    pinTo(CORE);
    return true;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.log(`Not on one core, with wider bounds: ${reason}`);
    return false;
  }
}

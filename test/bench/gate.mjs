/**
 * `npm run bench:gate`: fails when a workload has become much slower. It compares with raw in the same rounds and on the
 * same core, so that it is the same on every machine; needs nothing but Node, and less than a minute.
 */
// @ts-check
import { OURS, RAW } from './contenders/table.mjs';
import { ROUNDS, TRIES, UNPINNED, WANTED, bounds } from './gate-bounds.mjs';
import { measure } from './measuring/measuring.mjs';
import { pinTo } from './measuring/pinning.mjs';
import { makePlaces, removePlaces } from './measuring/places.mjs';
import { verdictTable, verdictsOf } from './results/verdicts.mjs';

/** @import { Places } from './measuring/places.mjs' */

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
  const plan = { contenders: [RAW, OURS], workloads: names, rounds: ROUNDS, wanted: WANTED, places: where };
  const limits = names.map((workload) => ({
    workload,
    to: [RAW],
    limit: Number(((bounds[workload] ?? 0) * factor).toFixed(2)),
  }));
  const verdicts = verdictsOf(await measure(plan), limits);
  for (const state of /** @type {const} */ (['met', 'missed', 'not measured'])) {
    const table = verdictTable(verdicts, state);
    if (table !== '') console.log(`\n${state}\n\n${table}`);
  }
  return verdicts.filter(({ state }) => state !== 'met').map(({ bound }) => bound.workload);
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

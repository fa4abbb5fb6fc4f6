/**
 * A guided run: inputs that reach code which none has reached before are kept, and changed again.
 *
 *     pool -> pick, change -> a batch of inputs -> news? -> each of them again, alone -> those with news into the pool
 */
import { Random } from '../../faults/fixtures/random.js';
import type { Coverage } from './coverage.js';
import { dictionaries } from '../inputs/dictionaries.js';
import { Judge } from './judge.js';
import { mutated } from '../inputs/mutation.js';
import { inputOf } from './runner.js';
import type { Target } from '../target.js';
import { resealed } from '../inputs/transcripts.js';

/** The outcome of a guided run. */
export interface Guided {
  readonly target: string;
  inputs: number;
  /** Inputs in the pool. */
  pool: number;
  /** Blocks of code that were reached. */
  blocks: number;
}

const SEEDS = 300;
const MOST_POOLED = 5_000;
const BATCH = 64;
const MOST_BYTES = 8_192;
const words = Object.values(dictionaries).flat();

/** Runs a target for a while, beginning with kept inputs. Throws a Find. */
export async function guide(
  target: Target,
  { seed, seconds, kept }: { seed: number; seconds: number; kept: readonly Buffer[] },
  coverage: Coverage,
): Promise<Guided> {
  const random = new Random(seed);
  const numbers: Guided = { target: target.name, inputs: 0, pool: 0, blocks: 0 };
  const pool: Buffer[] = [];
  const judge = new Judge(target);
  let batch = [...kept, ...firstInputs(target, seed)];
  const end = performance.now() + seconds * 1_000;
  while (performance.now() < end) {
    for (const input of batch) await judge.run({ number: numbers.inputs++, input });
    const fresh = coverage.fresh();
    if (fresh.length > 0) await keepNews(batch, { judge, pool, coverage, numbers });
    // Coverage that an input reached only once, because of its timing, must not be searched again.
    coverage.learn(fresh);
    if (pool.length === 0) pool.push(...batch);
    batch = Array.from({ length: BATCH }, () => offspring(pool, target, random));
  }
  judge.stop();
  return { ...numbers, pool: pool.length, blocks: coverage.blocks };
}

/** Initial inputs for a guided run, or another fuzzer. */
export function firstInputs(target: Target, seed: number): Buffer[] {
  return Array.from({ length: SEEDS }, (_, index) => inputOf(target, seed, index));
}

interface Search {
  readonly judge: Judge;
  readonly pool: Buffer[];
  readonly coverage: Coverage;
  readonly numbers: Guided;
}

/** The batch had news: which of it, shows when each runs alone. */
async function keepNews(batch: readonly Buffer[], { judge, pool, coverage, numbers }: Search): Promise<void> {
  for (const input of batch) {
    await judge.run({ number: numbers.inputs++, input });
    const fresh = coverage.fresh();
    if (fresh.length > 0 && pool.length < MOST_POOLED) pool.push(input);
    coverage.learn(fresh);
  }
}

function offspring(pool: readonly Buffer[], target: Target, random: Random): Buffer {
  if (random.next() < 0.1) return target.make(random.fork(random.integer(0, 2 ** 31)));
  const [parent, other] = [random.pick(pool), random.pick(pool)];
  const spliced =
    random.next() < 0.3
      ? Buffer.concat([
          parent.subarray(0, random.integer(0, parent.length)),
          other.subarray(random.integer(0, other.length)),
        ])
      : parent;
  const changed = mutated(spliced, random, words).subarray(0, MOST_BYTES);
  return changed[0] === 0xfe && random.next() < 0.5 ? resealed(changed, random) : changed;
}

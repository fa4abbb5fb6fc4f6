/** Runs a target: one input after another, until there were enough or the time is over. Stops at the first find. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Random } from '../../faults/fixtures/random.js';
import { Judge, type NumberedInput } from './judge.js';
import { Heap } from './heap.js';
import type { Target } from '../target.js';

/** How long to run, and with which chance. */
export interface Job {
  readonly seed: number;
  /** The number of the first input. */
  readonly first?: number;
  readonly inputs: number;
  readonly seconds?: number | undefined;
}

/** The results of a run. */
export class Numbers {
  readonly target: string;
  inputs = 0;
  bytes = 0;
  accepted = 0;
  /** Inputs that were refused, by code. */
  readonly refused = new Map<string, number>();
  slowestMsPer64KiB = 0;
  readonly heap = new Heap();
  seconds = 0;

  constructor(target: string) {
    this.target = target;
  }

  /** Counts an input and its outcome. */
  count(input: Buffer, verdict: string): void {
    this.inputs += 1;
    this.bytes += input.length;
    if (verdict === 'accepted') this.accepted += 1;
    else this.refused.set(verdict, (this.refused.get(verdict) ?? 0) + 1);
  }
}

/** The input of a number, which follows from seed and number alone. */
export function inputOf(target: Target, seed: number, number: number): Buffer {
  return target.make(new Random(seed).fork(number));
}

// Caches, slabs and compiled code are there then.
const WARM_UP_INPUTS = 5_000;
const MEASUREMENTS = 10;
const MOST_UNMEASURED_INPUTS = 100_000;
const TURN_INPUTS = 256;

/** Runs a target. Throws a Find. */
export async function fuzz(target: Target, job: Job): Promise<Numbers> {
  const { seed, first = 0, inputs, seconds = Infinity } = job;
  const numbers = new Numbers(target.name);
  const judge = new Judge(target);
  const began = performance.now();
  const interval = Math.min(Math.ceil(inputs / MEASUREMENTS), MOST_UNMEASURED_INPUTS);
  try {
    for (let index = 0; index < inputs; index += 1) {
      // Unhandled rejections are reported between ticks.
      if (index % TURN_INPUTS === 0) await nextTurn();
      if (index % TURN_INPUTS === 0 && performance.now() - began >= seconds * 1_000) break;
      if (index === WARM_UP_INPUTS) await numbers.heap.begin();
      else if (index % interval === 0) await numbers.heap.check();
      const number = first + index;
      await runOne(judge, { number, input: inputOf(target, seed, number) }, numbers);
    }
    await nextTurn();
    await numbers.heap.check();
  } finally {
    judge.stop();
  }
  numbers.seconds = (performance.now() - began) / 1_000;
  return numbers;
}

async function runOne(judge: Judge, numbered: NumberedInput, numbers: Numbers): Promise<void> {
  const { input } = numbered;
  const { verdict, ms } = await judge.run(numbered);
  if (slownessOf(input, ms) > numbers.slowestMsPer64KiB) {
    const slowest = await leastSlowness(judge, numbered, ms);
    numbers.slowestMsPer64KiB = Math.max(numbers.slowestMsPer64KiB, slowest);
  }
  numbers.count(input, verdict);
}

const MAX_MS_PER_64_KIB = 100;
const TRIES = 3;

function slownessOf(input: Buffer, ms: number): number {
  return ms / Math.max(1, input.length / 65_536);
}

/** The minimum of several times: a busy machine delays some runs, a slow input delays all. */
async function leastSlowness(judge: Judge, numbered: NumberedInput, first: number): Promise<number> {
  let least = first;
  for (let tries = 0; tries < TRIES; tries += 1) least = Math.min(least, (await judge.run(numbered)).ms);
  const slowness = slownessOf(numbered.input, least);
  if (slowness > MAX_MS_PER_64_KIB) judge.refuse(numbered, `It takes ${slowness.toFixed(0)} ms for 64 KiB.`);
  return slowness;
}

/** A fuzz target: generates inputs, feeds them to the code, and checks the outcome. */
import type { Random } from '../faults/fixtures/random.js';

/** The outcome of one input. */
export interface Outcome {
  /** `accepted`, or the code with which it was refused. */
  readonly verdict: string;
  /** Milliseconds that the code took for the input, once. */
  readonly ms: number;
}

export interface Target {
  readonly name: string;
  /** Inputs of a run where nothing else is asked for. */
  readonly inputs: number;
  /** An input of chance. */
  make(random: Random): Buffer;
  /** Feeds an input, and throws if its outcome is wrong. The behaviour depends only on the bytes. */
  run(input: Buffer): Outcome | Promise<Outcome>;
}

/** The result of a function, and its duration. */
export function timed<Value>(action: () => Value): { value: Value; ms: number } {
  const began = performance.now();
  const value = action();
  return { value, ms: performance.now() - began };
}

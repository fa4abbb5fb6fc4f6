/** What is fuzzed: a target makes inputs of chance, feeds them to the code, and judges what comes of it. */
import type { Random } from '../faults/random.js';

/** What came of one input. */
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
  /** Feeds an input, and throws where what comes of it must not be. All that it does follows from the bytes. */
  run(input: Buffer): Outcome | Promise<Outcome>;
}

/** What a function returns, and how long it took. */
export function timed<Value>(action: () => Value): { value: Value; ms: number } {
  const began = performance.now();
  const value = action();
  return { value, ms: performance.now() - began };
}

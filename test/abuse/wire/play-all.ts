/** Plays many cases in many ways, some in parallel, and collects the errors. */
import { runParallel } from '../../faults/fixtures/run-parallel.js';
import { nameOf, type Way } from './play-step.js';

/** Cases at once: they share the event loop with the end that they abuse. */
const AT_ONCE = 24;

/** The outcome of the cases. */
export interface Played {
  readonly count: number;
  /** One sentence for each that went wrong. */
  readonly wrong: readonly string[];
  readonly slowestMs: number;
}

/** A case, in one of its ways. */
export interface Play<Case> {
  readonly abuse: Case;
  readonly way: Way;
}

/** Plays the cases; `play` resolves with the errors, and `between` is called after each. */
export async function playAll<Case extends { readonly name: string }>(
  plays: readonly Play<Case>[],
  play: (abuse: Case, way: Way) => Promise<string | undefined>,
  between: () => Promise<void>,
): Promise<Played> {
  const wrong: string[] = [];
  let slowestMs = 0;
  await runParallel(plays.length, AT_ONCE, async (number) => {
    const one = plays[number];
    if (!one) return;
    const begun = performance.now();
    const trouble = await play(one.abuse, one.way).catch(String);
    slowestMs = Math.max(slowestMs, performance.now() - begun);
    if (trouble !== undefined) wrong.push(`${one.abuse.name} (${nameOf(one.way)}) ${trouble}`);
    await between();
  });
  return { count: plays.length, wrong, slowestMs: Math.round(slowestMs) };
}

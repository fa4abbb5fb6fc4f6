/** Inputs of earlier findings pass. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { keptInputs } from './inputs/corpus.js';
import { targets } from './targets.js';

const corpus = fileURLToPath(new URL('corpus', import.meta.url));

const kept = targets.flatMap((target) =>
  keptInputs(corpus, target.name).map(({ name, input }) => ({
    target,
    name: `${target.name}/${name}`,
    input,
  })),
);

describe('a kept fuzz input', () => {
  it.each(kept)('$name passes', async ({ target, input }) => {
    expect(await target.run(input)).toHaveProperty('verdict');
  });
});

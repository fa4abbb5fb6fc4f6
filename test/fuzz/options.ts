/** The options of `npm run fuzz`. */
import { parseArgs } from 'node:util';

export const USAGE = `npm run fuzz -- [options]

  --target <names>   only these targets, separated by commas
  --inputs <n>       inputs of each target; by default as many as the target says
  --seconds <n>      at most so long, all targets together
  --seed <n>         the seed of all chance; by default that of the clock
  --first <n>        the number of the first input, to begin where a find was
  --replay <files>   runs the inputs of these files, separated by commas, through the one --target
  --export <folder>  writes some inputs into a folder, as other fuzzers want them
  --guided           chooses inputs by the code that they reach, as V8 counts it; 60 seconds unless told otherwise
  --jazzer           the same by Jazzer.js, which is installed for it`;

/** The parsed command. */
export interface FuzzOptions {
  readonly targets: readonly string[];
  readonly inputs: number | undefined;
  readonly seconds: number | undefined;
  readonly seed: number;
  readonly first: number;
  readonly replay: readonly string[];
  readonly exportTo: string | undefined;
  readonly guided: boolean;
}

/** Parses the arguments. Throws a TypeError for an invalid one. */
export function readOptions(args: string[]): FuzzOptions {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    args,
    options: {
      ...{ target: text, inputs: text, seconds: text, seed: text, first: text, replay: text },
      ...{ export: text, guided: flag, jazzer: flag },
    },
  });
  return {
    targets: values.target?.split(',') ?? [],
    inputs: numberOf('inputs', values.inputs),
    seconds: numberOf('seconds', values.seconds),
    seed: numberOf('seed', values.seed) ?? Date.now() % 1_000_000,
    first: numberOf('first', values.first) ?? 0,
    replay: values.replay?.split(',') ?? [],
    exportTo: values.export,
    guided: values.guided ?? false,
  };
}

function numberOf(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d{1,12}$/.test(value)) throw new TypeError(`--${name} must be a whole number, not ${value}.`);
  return Number(value);
}

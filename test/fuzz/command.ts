/** The fuzzing command, see README.md. Exits with 1 at a find. */
import path from 'node:path';
import { Coverage } from './runner/coverage.js';
import { exportInputs, keepInput, keptInputs, readInput } from './inputs/corpus.js';
import { Find } from './runner/judge.js';
import { firstInputs, guide } from './runner/guided.js';
import { readOptions, USAGE, type FuzzOptions } from './options.js';
import { guidedLine, numbersHead, numbersLine } from './runner/report.js';
import { fuzz } from './runner/runner.js';
import { shrunk } from './runner/shrink.js';
import type { Target } from './target.js';
import { targetsNamed } from './targets.js';

const CORPUS = path.resolve('test/fuzz/corpus');
const GUIDED_SECONDS = 60;

try {
  if (process.argv.includes('--help')) console.log(USAGE);
  else await main(readOptions(process.argv.slice(2)));
} catch (error) {
  if (error instanceof Find) await tell(error);
  else if (error instanceof TypeError) console.error(`${error.message}\n\n${USAGE}`);
  else throw error;
  process.exitCode = 1;
}

async function main(options: FuzzOptions): Promise<void> {
  const targets = targetsNamed(options.targets);
  if (options.replay.length > 0) return replay(targets, options.replay);
  if (options.exportTo !== undefined) return exportAll(targets, options.seed, options.exportTo);
  console.log(`seed ${options.seed}${options.first > 0 ? `, from input ${options.first}` : ''}`);
  if (options.guided) return runGuided(targets, options);
  console.log(numbersHead);
  for (const target of targets) {
    const { seed, first, seconds } = options;
    // With a time, the time is the bound, unless there is a number, too.
    const inputs = options.inputs ?? (seconds === undefined ? target.inputs : Infinity);
    const share = seconds === undefined ? undefined : seconds / targets.length;
    console.log(numbersLine(await fuzz(target, { seed, first, inputs, seconds: share })));
  }
}

async function runGuided(
  targets: readonly Target[],
  { seed, seconds = GUIDED_SECONDS }: FuzzOptions,
): Promise<void> {
  for (const target of targets) {
    const coverage = new Coverage(import.meta.url);
    const kept = keptInputs(CORPUS, target.name).map(({ input }) => input);
    const guided = await guide(target, { seed, seconds: seconds / targets.length, kept }, coverage);
    coverage.close();
    console.log(guidedLine(guided));
  }
}

function exportAll(targets: readonly Target[], seed: number, folder: string): void {
  for (const target of targets) {
    const kept = keptInputs(CORPUS, target.name).map(({ input }) => input);
    exportInputs(folder, [...kept, ...firstInputs(target, seed)]);
  }
}

async function replay(targets: readonly Target[], files: readonly string[]): Promise<void> {
  const [target, ...others] = targets;
  if (!target || others.length > 0) throw new TypeError('--replay needs one --target.');
  for (const [index, file] of files.entries()) {
    const input = readInput(file);
    try {
      const { verdict, ms } = await target.run(input);
      console.log(`${file}: ${verdict}, ${ms.toFixed(2)} ms`);
    } catch (error) {
      throw new Find(target.name, { number: index, input }, error);
    }
  }
}

/** Shrinks the finding, saves it, and prints how to reproduce it. */
async function tell(find: Find): Promise<void> {
  console.error(find.message);
  const [target] = targetsNamed([find.target]);
  if (!target) return;
  const smallest = await shrunk(find.input, (input) => fails(target, input));
  const file = path.relative('.', keepInput(CORPUS, target.name, smallest));
  console.error(`${smallest.length} of ${find.input.length} bytes are enough, kept in ${file}. Again:`);
  console.error(`  npm run fuzz -- --target ${target.name} --replay ${file}`);
}

async function fails(target: Target, input: Buffer): Promise<boolean> {
  try {
    await target.run(input);
    return false;
  } catch {
    return true;
  }
}

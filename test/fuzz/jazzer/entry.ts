/** A target in the form that Jazzer.js calls; the environment selects it. */
import { targetsNamed } from '../targets.js';

const [target] = targetsNamed([process.env['FUZZ_TARGET'] ?? 'text']);

/** Runs an input. Exceptions are findings. */
export async function fuzz(input: Buffer): Promise<void> {
  await target?.run(input);
}

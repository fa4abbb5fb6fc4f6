/** A target as Jazzer.js calls it; which one, the environment says. */
import { targetsNamed } from '../targets.js';

const [target] = targetsNamed([process.env['FUZZ_TARGET'] ?? 'text']);

/** Takes an input. What it throws is a find. */
export async function fuzz(input: Buffer): Promise<void> {
  await target?.run(input);
}

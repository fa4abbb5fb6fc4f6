// @ts-check
import { once } from 'node:events';

/**
 * The exit code of a process; 1 if it was killed.
 *
 * @param {import('node:child_process').ChildProcess} child
 */
export async function exitCode(child) {
  await once(child, 'exit');
  return child.exitCode ?? 1;
}

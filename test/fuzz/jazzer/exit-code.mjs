// @ts-check
import { once } from 'node:events';

/**
 * With what a process ends; 1 if it was killed.
 *
 * @param {import('node:child_process').ChildProcess} child
 */
export async function exitCode(child) {
  await once(child, 'exit');
  return child.exitCode ?? 1;
}

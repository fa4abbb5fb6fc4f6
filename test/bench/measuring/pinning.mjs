/** One core for all processes: sequential work then varies less, and the scheduler has no effect on the ranking. */
// @ts-check
import { execFileSync } from 'node:child_process';

/** Puts this process, and all that it starts from now on, on one core. Throws a TypeError where that cannot be. @param {number} core */
export function pinTo(core) {
  try {
    execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(core), String(process.pid)], {
      stdio: 'pipe',
    });
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new TypeError(
      isMissing ? '--pin needs the program taskset.' : `There is no core ${core} to run on.`,
      { cause: error },
    );
  }
}

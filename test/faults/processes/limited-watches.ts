/** Processes for which the system watches only a few directories. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const LIMIT = '/proc/sys/user/max_inotify_watches';

/** What starts a program with at most so many watches: the arguments of the program follow. */
export function limitedWatches(count: number): readonly [program: string, ...args: string[]] {
  // The limit of a user namespace of its own: that of the system stays as it is.
  const script = `echo ${count} > ${LIMIT} && exec "$0" "$@"`;
  return ['unshare', '--user', '--map-root-user', 'sh', '-c', script, process.execPath];
}

/** Whether this user may set such a limit, and it does not reach the system. */
export function canLimitWatches(): boolean {
  if (process.platform !== 'linux') return false;
  const [program, ...args] = limitedWatches(5);
  const script = `process.stdout.write(require('node:fs').readFileSync('${LIMIT}', 'utf8'))`;
  const { status, stdout } = spawnSync(program, [...args, '-e', script], { encoding: 'utf8' });
  return status === 0 && stdout.trim() === '5' && readFileSync(LIMIT, 'utf8').trim() !== '5';
}

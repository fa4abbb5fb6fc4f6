/** A process that does what its parent says, and knows what that has cost it. */
// @ts-check
import { readFileSync, writeFileSync } from 'node:fs';
import { resourceUsage } from 'node:process';

/** @typedef {(args: any) => unknown} Job */
/** The resources that a process used in a period. @typedef {{ cpuUs: number, peakBytes: number, rssBytes: number }} Usage */

let cpuBefore = process.cpuUsage();

/** @type {Record<string, Job>} */
const ownJobs = {
  begin: () => {
    globalThis.gc?.();
    forgetPeak();
    cpuBefore = process.cpuUsage();
  },
  end: () => {
    const { user, system } = process.cpuUsage(cpuBefore);
    return { cpuUs: user + system, peakBytes: peakBytes(), rssBytes: process.memoryUsage().rss };
  },
  held: () => {
    globalThis.gc?.();
    const { rss, heapUsed, external } = process.memoryUsage();
    return { rssBytes: rss, heapBytes: heapUsed + external };
  },
};

/**
 * Does jobs, one after another, until the parent process is gone.
 *
 * @param {Record<string, Job>} jobs
 * @param {() => unknown} end
 */
export function serveJobs(jobs, end) {
  const all = { ...jobs, ...ownJobs };
  process.on('message', (message) => {
    const { job, args } = /** @type {{ job: string, args: unknown }} */ (message);
    void done(all[job], args).then((answer) => process.send?.(answer));
  });
  process.once('disconnect', () => void end());
}

/** @type {(job: Job | undefined, args: unknown) => Promise<object>} */
async function done(job, args) {
  try {
    if (!job) throw new TypeError('There is no such job.');
    return { value: await job(args) };
  } catch (error) {
    return { failure: String(error instanceof Error ? error.stack : error) };
  }
}

/** Resets the peak, where the system can. */
function forgetPeak() {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Then it is the peak since the start, which is never less.
  }
}

function peakBytes() {
  try {
    const [, kib] = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    if (kib !== undefined) return Number(kib) * 1024;
  } catch {
    // There is another way.
  }
  return resourceUsage().maxRSS * 1024;
}

/** Resources of process families: from `/proc` of Linux. Unknown on other systems. */
// @ts-check
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';

/** Whether there is anything to read. */
export const isTold = process.platform === 'linux';

/** Clock ticks a second in which Linux reports CPU time, on every common architecture. */
const TICKS = 100;

/** Peaks of programs that end meanwhile have to be looked for. */
const LOOK_MS = 100;

/**
 * A process with all its descendants.
 * @typedef {object} Family
 * @property {number} pid
 * @property {boolean} isKeeper - whether the process itself does not count, because it only keeps programs running
 */

/** CPU seconds and peak MiB. @typedef {{ cpu: number, peakMiB: number }} Usage */

/** One process. @typedef {{ pid: number, parent: number, own: number, ended: number }} Process */

/** Measures what families use, from its making on. */
export class Meter {
  /** @type {readonly [Family, Family]} */ #families;
  /** @type {{ before: number, peakKiB: number }[]} */ #sums;
  /** @type {NodeJS.Timeout | undefined} */ #looking;

  /** @param {readonly [Family, Family]} families - the server, the client */
  constructor(families) {
    const members = membersOf(families);
    for (const { pid } of members.flat()) forgetPeak(pid);
    this.#families = families;
    this.#sums = members.map((all, index) => ({ before: cpuOf(all, families[index]), peakKiB: 0 }));
    // Who keeps programs is alone in between, and its programs are gone in the end.
    if (families.some(({ isKeeper }) => isKeeper)) this.#looking = setInterval(() => this.#look(), LOOK_MS);
  }

  /** The resources of each family. @returns {{ server: Usage, client: Usage }} */
  stop() {
    clearInterval(this.#looking);
    const members = this.#look();
    const [server, client] = this.#sums.map(({ before, peakKiB }, index) => ({
      cpu: cpuOf(members[index] ?? [], this.#families[index]) - before,
      peakMiB: peakKiB / 1024,
    }));
    return { server: /** @type {Usage} */ (server), client: /** @type {Usage} */ (client) };
  }

  #look() {
    const members = membersOf(this.#families);
    for (const [index, sum] of this.#sums.entries()) {
      const { pid, isKeeper } = /** @type {Family} */ (this.#families[index]);
      const counted = (members[index] ?? []).filter((one) => !isKeeper || one.pid !== pid);
      sum.peakKiB = Math.max(
        sum.peakKiB,
        sumOf(counted, ({ pid: one }) => statusKiB(one, 'VmHWM')),
      );
    }
    return members;
  }
}

/**
 * Memory that a family uses now, in KiB. What processes share is divided among them, or a process for each connection
 * would look worse than it is.
 *
 * @param {Family} family
 */
export function memoryKiB(family) {
  const [members = []] = membersOf([family]);
  const counted = members.filter(({ pid }) => !family.isKeeper || pid !== family.pid);
  return sumOf(counted, ({ pid }) => kibIn(read(pid, 'smaps_rollup'), 'Pss'));
}

/** Seconds of CPU. @type {(members: readonly Process[], family: Family | undefined) => number} */
function cpuOf(members, family) {
  const ticks = sumOf(members, ({ pid, own, ended }) => {
    return family?.isKeeper && pid === family.pid ? ended : own + ended;
  });
  return ticks / TICKS;
}

/** @type {(families: readonly Family[]) => Process[][]} */
function membersOf(families) {
  if (families.every(({ isKeeper }) => !isKeeper)) {
    // A server of Node's has no descendants: it would be a waste to look for them.
    return families.map(({ pid }) => processOf(pid));
  }
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => processOf(Number(name)));
  return families.map(({ pid }) => [...descendants(all, pid), ...all.filter((one) => one.pid === pid)]);
}

/** @type {(all: readonly Process[], pid: number) => Process[]} */
function descendants(all, pid) {
  const children = all.filter(({ parent }) => parent === pid);
  return [...children, ...children.flatMap((child) => descendants(all, child.pid))];
}

/** One or none: it may be gone by now. @type {(pid: number) => Process[]} */
function processOf(pid) {
  // The name before it is in brackets, and may hold anything.
  const fields = read(pid, 'stat').split(') ').at(-1)?.split(' ').map(Number) ?? [];
  const [parent = NaN, user = 0, system = 0, endedUser = 0, endedSystem = 0] = [1, 11, 12, 13, 14].map(
    (index) => fields[index],
  );
  if (Number.isNaN(parent)) return [];
  return [{ pid, parent, own: user + system, ended: endedUser + endedSystem }];
}

/** @param {number} pid */
function forgetPeak(pid) {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // Then it is the peak since the start, which is never less.
  }
}

/** @type {(pid: number, name: string) => number} */
function statusKiB(pid, name) {
  return kibIn(read(pid, 'status'), name);
}

/** @type {(text: string, name: string) => number} */
function kibIn(text, name) {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
}

/** Empty for a process that is gone, or on a system without such files. @type {(pid: number, file: string) => string} */
function read(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}

/** @template Item @param {readonly Item[]} items @param {(item: Item) => number} of */
function sumOf(items, of) {
  return items.reduce((sum, item) => sum + of(item), 0);
}

/** Swaps names with links to the outside during requests: continuously, or before one call. */
import { existsSync, renameSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { onTestFinished } from 'vitest';
import type { Place } from '../directory-fixture.js';

/** The swap: a name in the root, and a link to a target outside. */
export interface Swap {
  readonly place: string;
  readonly target: string;
}

/** The tested swaps, by name. */
export const swaps: readonly (Swap & { readonly name: string })[] = [
  { name: 'a directory', place: 'folder', target: '' },
  { name: 'a directory further below', place: 'folder/inner', target: 'inner' },
  { name: 'a file', place: 'folder/file', target: 'secret' },
  { name: 'the private folder', place: 'folder/.socket-ftp', target: '' },
];

/** A name and a link that change places. */
export class Swapping {
  readonly #paths: Record<'place' | 'link' | 'away' | 'trash' | 'outside', string>;
  readonly #shared = new Int32Array(new SharedArrayBuffer(8));

  private constructor({ local, outside }: Place, { place, target }: Swap) {
    const beside = (name: string) => local(`swapping-${name}`);
    this.#paths = {
      place: local(place),
      outside: `${outside}/${target}`,
      link: beside('link'),
      away: beside('away'),
      trash: beside('trash'),
    };
  }

  /** Makes the link, beside the root's other names. */
  static async prepare(place: Place, swap: Swap): Promise<Swapping> {
    const swapping = new Swapping(place, swap);
    await symlink(swapping.#paths.outside, swapping.#paths.link);
    return swapping;
  }

  /** How often the two have changed places and back. */
  get count(): number {
    return Atomics.load(this.#shared, 1);
  }

  /** Puts the link in the place of the name, or the name back; false where there is no such name. */
  swap(): boolean {
    const { place, link, away } = this.#paths;
    if (existsSync(away)) {
      renameSync(place, link);
      renameSync(away, place);
      return true;
    }
    if (!existsSync(place)) return false;
    renameSync(place, away);
    renameSync(link, place);
    return true;
  }

  /** Makes a thread swap them until the test ends, or until the returned function is called. */
  async forEver(): Promise<() => Promise<void>> {
    const workerData = { ...this.#paths, shared: this.#shared };
    const worker = new Worker(new URL('swapper.mjs', import.meta.url), { workerData });
    const ended = new Promise<void>((resolve, reject) => {
      worker.once('error', reject).once('exit', () => resolve());
    });
    const stop = (): Promise<void> => {
      Atomics.store(this.#shared, 0, 1);
      return ended;
    };
    onTestFinished(stop);
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    return stop;
  }
}

/** The package as it would be published. */
import { repositoryRoot } from '../repository.js';
import { runNpm } from './run.js';

/** The output of `npm pack` about its package. */
export interface Tarball {
  readonly filename: string;
  /** Bytes of the compressed file. */
  readonly size: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

/** Packs the build into a folder. */
export function packInto(folder: string): Promise<Tarball> {
  return pack('--pack-destination', folder);
}

/** The files that would be packed now, built or not. */
export function packedNow(): Promise<Tarball> {
  return pack('--dry-run');
}

async function pack(...options: string[]): Promise<Tarball> {
  const args = ['pack', '--json', '--ignore-scripts', ...options];
  const [tarball] = JSON.parse(await runNpm(args, { cwd: repositoryRoot })) as Tarball[];
  if (!tarball) throw new Error('npm packed nothing.');
  return tarball;
}

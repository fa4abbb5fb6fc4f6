/** Remembers names for a few seconds, in a folder that only this user can read. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

/** Names that are older may be wrong. */
const MAX_AGE_MS = 5_000;

interface Stored {
  readonly key: string;
  readonly names: string[];
}

export class NameCache {
  readonly #folder: string;

  constructor(env: NodeJS.ProcessEnv) {
    const base = env['XDG_CACHE_HOME'] || env['LOCALAPPDATA'] || path.join(homedir(), '.cache');
    this.#folder = path.join(base, 'socket-ftp');
  }

  /** Undefined if there is nothing, or nothing new enough. */
  async get(key: string): Promise<string[] | undefined> {
    try {
      const file = this.#file(key);
      const age = Date.now() - (await stat(file)).mtimeMs;
      if (age < 0 || age > MAX_AGE_MS) return undefined;
      const { key: storedKey, names } = JSON.parse(await readFile(file, 'utf8')) as Partial<Stored>;
      return storedKey === key && Array.isArray(names) ? names : undefined;
    } catch {
      // A cache that cannot be read is empty.
      return undefined;
    }
  }

  async set(key: string, names: string[]): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      const file = this.#file(key);
      // Two shells at once must not mix their bytes.
      const written = `${file}.${process.pid}`;
      await writeFile(written, JSON.stringify({ key, names } satisfies Stored), { mode: 0o600 });
      await rename(written, file);
    } catch {
      // A full or read-only home is no reason not to complete.
    }
  }

  /** Never more than 256 files: keys share them, and the newest one is remembered. */
  #file(key: string): string {
    const hash = createHash('sha256').update(key).digest('hex');
    return path.join(this.#folder, `names-${hash.slice(0, 2)}.json`);
  }
}

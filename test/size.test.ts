import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsAtOnceOf, importsOf } from './support/sources/imports.js';
import { repositoryRoot } from './support/repository.js';
import { runNode } from './support/package/run.js';
import { packInto } from './support/package/tarball.js';

const KIB = 1024;

/** The budgets leave room for fixes; what does not fit should be worth a word in the change that raises them. */
const TARBALL_BYTES = 1_280 * KIB;

/** KiB of the files that an import of each entry loads at once: with the larger of both kinds of module. */
const loadedKiB = { index: 800, client: 416, protocol: 72, contracts: 136, testing: 785 };

/** A file costs as much as 20 KiB of code. */
const LOADED_FILES = 8;

const PROGRAM_BYTES = 200 * KIB;

describe('the package', () => {
  it(`is at most ${TARBALL_BYTES / KIB} KiB to install`, async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'socket-ftp-'));
    try {
      const tarball = await packInto(folder);
      expect(tarball.size).toBeLessThan(TARBALL_BYTES);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('has a budget for each entry', async () => {
    const { exports } = JSON.parse(
      await readFile(path.join(repositoryRoot, 'package.json'), 'utf8'),
    ) as Package;
    const built = Object.values(exports).flatMap((entry) =>
      typeof entry === 'string' ? [] : [entry.import.default],
    );
    expect(built.map((file) => path.basename(file, '.js'))).toEqual(Object.keys(loadedKiB));
  });

  describe.each(Object.entries(loadedKiB))('loads by %s', (entry, budget) => {
    it.each(['js', 'cjs'])(
      `at most ${budget} KiB and ${LOADED_FILES} files, in the %s files`,
      async (extension) => {
        const files = await loadedBy(path.join(repositoryRoot, 'dist', `${entry}.${extension}`));
        const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
        const total = sizes.reduce((sum, size) => sum + size, 0);
        expect(files.length).toBeLessThanOrEqual(LOADED_FILES);
        expect(total).toBeGreaterThan(0);
        expect(total).toBeLessThan(budget * KIB);
      },
    );
  });

  it.each(['js', 'cjs'])('has a client that never loads the server, in the %s files', async (extension) => {
    const [server, client] = await Promise.all(
      ['index', 'client'].map((entry) => everLoadedBy(`${entry}.${extension}`)),
    );
    const partOfServer = 'The server does not listen on a port.';
    expect([server?.includes(partOfServer), client?.includes(partOfServer)]).toEqual([true, false]);
  });

  it('has a client that loads neither node:tls nor node:crypto before it needs them', async () => {
    const script = `
      const before = process.moduleLoadList.length;
      require('./dist/client.cjs');
      const added = process.moduleLoadList.slice(before);
      const loaded = added.filter((name) => /^NativeModule (?:tls|crypto|zlib)$/.test(name));
      console.log(loaded.join());`;
    const outcome = { code: 0, stdout: 'NativeModule zlib\n', stderr: '' };
    expect(await runNode(['-e', script], { cwd: repositoryRoot })).toEqual(outcome);
  });

  it(`has a program of at most ${PROGRAM_BYTES / KIB} KiB, which loads the library only when a command runs`, async () => {
    const files = await loadedBy(path.join(repositoryRoot, 'dist', 'cli.js'));
    expect(files.map((file) => path.basename(file))).toEqual(['cli.js']);
    expect((await stat(files[0] ?? '')).size).toBeLessThan(PROGRAM_BYTES);
  });

  it.each(['js', 'cjs'])(
    'loads the test kit only where it is imported, in the %s files',
    async (extension) => {
      const loads = async (entry: string) => {
        const files = await loadedBy(path.join(repositoryRoot, 'dist', `${entry}.${extension}`));
        const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
        return texts.some((text) => text.includes('The wire was cut.'));
      };
      expect(await loads('testing')).toBe(true);
      for (const entry of ['index', 'protocol', 'contracts']) expect(await loads(entry)).toBe(false);
    },
  );
});

/** The text of a built file and of all files that it ever loads. */
async function everLoadedBy(entry: string): Promise<string> {
  const texts = new Map<string, string>();
  const load = async (file: string): Promise<void> => {
    if (texts.has(file)) return;
    const text = await readFile(file, 'utf8');
    texts.set(file, text);
    for (const specifier of importsOf(file, text))
      if (specifier?.startsWith('.')) await load(path.join(path.dirname(file), specifier));
  };
  await load(path.join(repositoryRoot, 'dist', entry));
  return [...texts.values()].join('\n');
}

interface Package {
  readonly exports: Readonly<Record<string, string | { readonly import: { readonly default: string } }>>;
}

/** A built file and the pieces that it shares with others, without what it loads when it is first used. */
async function loadedBy(file: string, loaded = new Set<string>()): Promise<string[]> {
  if (loaded.has(file)) return [];
  loaded.add(file);
  for (const specifier of importsAtOnceOf(file, await readFile(file, 'utf8'))) {
    if (specifier?.startsWith('.')) await loadedBy(path.join(path.dirname(file), specifier), loaded);
  }
  return [...loaded];
}

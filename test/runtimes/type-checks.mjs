/** Compiles the consumer in TypeScript against the installed package. */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { repositoryRoot } from './root.mjs';
import { run } from './run.mjs';

/** Ways in which TypeScript finds a package, as compiler options. */
const resolutions = {
  nodenext: { module: 'NodeNext', moduleResolution: 'NodeNext' },
  node16: { module: 'Node16', moduleResolution: 'Node16' },
  bundler: { module: 'ESNext', moduleResolution: 'Bundler' },
};

const compilerOptions = {
  target: 'ES2022',
  lib: ['ES2022', 'ESNext.Disposable'],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  noEmit: true,
  types: ['node'],
  typeRoots: [path.join(repositoryRoot, 'node_modules/@types')],
};

const COMPILER_MS = 300_000;

/**
 * Resolves to an outcome for each way and kind of module.
 *
 * @param {string} home - where the package is installed
 */
export async function typeChecks(home) {
  /** @type {import('./main.mjs').Outcome[]} */
  const outcomes = [];
  for (const [resolution, options] of Object.entries(resolutions)) {
    for (const type of ['module', 'commonjs']) {
      const folder = path.join(home, `types-${resolution}-${type}`);
      await mkdir(folder);
      await writeFile(path.join(folder, 'package.json'), JSON.stringify({ type }));
      await cp(new URL('consumer/types.ts', import.meta.url), path.join(folder, 'types.ts'));
      const config = { compilerOptions: { ...compilerOptions, ...options }, files: ['types.ts'] };
      await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify(config));
      const compiler = path.join(repositoryRoot, 'node_modules/typescript/bin/tsc');
      const { code, output } = await run(process.execPath, [compiler, '-p', '.'], {
        cwd: folder,
        ms: COMPILER_MS,
      });
      outcomes.push({ name: `types: ${resolution}, ${type}`, failures: code === 0 ? [] : [output] });
    }
  }
  return outcomes;
}

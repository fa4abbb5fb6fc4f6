import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { defineConfig, type Options } from 'tsup';

// Node 20 knows some modules by their prefixed name only, such as node:test.
const node = { target: 'node20.19', platform: 'node', removeNodeProtocol: false } satisfies Options;

const library: Options = {
  ...node,
  entry: {
    index: 'src/index.ts',
    protocol: 'src/protocol.ts',
    contracts: 'src/contracts/index.ts',
    testing: 'src/testing/index.ts',
  },
  format: ['esm', 'cjs'],
  // What tests put in the place of the system is nobody else's.
  dts: { compilerOptions: { stripInternal: true } },
  // The package has its code once for each kind of module, readable, and no sources besides: docs/internals/decisions/84-what-ships.md.
  sourcemap: false,
  // All entries must share one TransferError, or `instanceof` would tell them apart.
  splitting: true,
  // Rollup turns the pieces into CommonJS as they are; without it they are rewritten for Nodes of long ago.
  treeshake: true,
};

/** The packages inside the program. Their licences must come with it; test/package.test.ts finds one that is not listed. */
const bundled = ['commander', 'get-east-asian-width'];

// One file, so that the help starts fast. The library is not in it, and is loaded when a command needs it.
const program: Options = {
  ...node,
  entry: { cli: 'src/cli/main.ts' },
  format: ['esm'],
  splitting: false,
  minify: true,
  noExternal: bundled,
  // commander is CommonJS, and requires modules of Node.
  banner: {
    js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
  },
  footer: { js: licences() },
  esbuildPlugins: [
    {
      name: 'library',
      setup: (build) =>
        build.onResolve({ filter: /^(?:\.\.\/)+index\.js$/ }, () => ({ path: './index.js', external: true })),
    },
  ],
};

export default defineConfig(async () => {
  // Both write into the folder at the same time, so neither may clean it.
  await rm('dist', { recursive: true, force: true });
  return [library, program];
});

function licences(): string {
  const texts = bundled.map((name) => {
    const file = ['LICENSE', 'license'].find((candidate) => readable(`node_modules/${name}/${candidate}`));
    return `${name}:\n${readFileSync(`node_modules/${name}/${file ?? 'LICENSE'}`, 'utf8')}`;
  });
  return `/*\n${texts.join('\n').replaceAll('*/', '* /')}*/`;
}

function readable(file: string): boolean {
  try {
    readFileSync(file);
    return true;
  } catch {
    return false;
  }
}

import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
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
  plugins: [requireLater()],
  esbuildPlugins: [laterParts()],
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

type Plugin = NonNullable<Options['plugins']>[number];

/**
 * CommonJS loads its later parts by `require`: `import()` fails in CommonJS that runs in a context of node:vm, as test
 * frameworks do it.
 */
function requireLater(): Plugin {
  return {
    name: 'require-later',
    renderChunk(code) {
      if (this.format !== 'cjs') return undefined;
      return {
        code: code.replaceAll(
          /\bimport\((["']\.\/[^"']+["'])\)/g,
          'Promise.resolve().then(() => require($1))',
        ),
      };
    },
  };
}

type EsbuildPlugin = NonNullable<Options['esbuildPlugins']>[number];

/**
 * Esbuild makes a file for each set of entries that share modules, and each file that an import loads costs as much as 20 KiB
 * of code. A part that is loaded later counts as an entry that needs all that `index` needs, which is loaded by then.
 */
function laterParts(): EsbuildPlugin {
  return {
    name: 'later-parts',
    setup(build) {
      const parts = new Set<string>();
      build.onResolve({ filter: /^\./ }, ({ kind, path: specifier, resolveDir }) => {
        if (kind === 'dynamic-import') parts.add(path.resolve(resolveDir, specifier.replace(/\.js$/, '.ts')));
        return undefined;
      });
      build.onLoad({ filter: /\.ts$/ }, async ({ path: file }) => {
        if (!parts.has(file)) return undefined;
        const index = JSON.stringify(path.resolve('src/index.ts'));
        return { contents: `${await readFile(file, 'utf8')}\nexport * from ${index};\n`, loader: 'ts' };
      });
    },
  };
}

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
    client: 'src/client.ts',
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
  esbuildPlugins: [fewFiles()],
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

/** Shared by the server and later parts of the client, so that a file of its own would hold each. */
const sharedWithParts = ['fs/pieces', 'buffers/in-flight-buffers', 'session/path/session-path'];

/**
 * Esbuild makes a file for each set of entries that share modules, and each file that an import loads costs as much as 20 KiB
 * of code. Fewer sets are fewer files: a part that is loaded later counts as an entry that needs all that its end needs, which
 * is loaded by then; the test kit needs all of `index`, `protocol` the paths, and `client` what its parts share with the server.
 */
function fewFiles(): EsbuildPlugin {
  const source = (name: string) => path.resolve('src', `${name}.ts`);
  return {
    name: 'few-files',
    setup(build) {
      const needs = new Map([
        [source('testing/index'), [source('index')]],
        [source('protocol'), [source('protocol/remote-path')]],
        [source('client'), sharedWithParts.map(source)],
      ]);
      build.onResolve({ filter: /\?needed$/ }, ({ path: name }) => ({
        path: name.replace('?needed', ''),
        // Otherwise the import would be left out, because nothing is taken from it.
        sideEffects: true,
      }));
      build.onResolve({ filter: /^\./ }, ({ kind, path: specifier, resolveDir }) => {
        const part = path.resolve(resolveDir, specifier.replace(/\.js$/, '.ts'));
        const isOfServer = /[\\/]src[\\/](?:server|storage)[\\/]/.test(part);
        if (kind === 'dynamic-import') needs.set(part, [source(isOfServer ? 'index' : 'client')]);
        return undefined;
      });
      build.onLoad({ filter: /\.ts$/ }, async ({ path: file }) => {
        const needed = needs.get(file)?.map((module) => `import ${JSON.stringify(`${module}?needed`)};`);
        if (!needed) return undefined;
        return { contents: `${await readFile(file, 'utf8')}\n${needed.join('\n')}\n`, loader: 'ts' };
      });
    },
  };
}

import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    protocol: 'src/protocol.ts',
    contracts: 'src/contracts/index.ts',
    testing: 'src/testing/index.ts',
  },
  format: ['esm', 'cjs'],
  target: 'node20.19',
  platform: 'node',
  // What tests put in the place of the system is nobody else's.
  dts: { compilerOptions: { stripInternal: true } },
  // The package has its code once for each kind of module, readable, and no sources besides: docs/internals/decisions/84-what-ships.md.
  sourcemap: false,
  // All entries must share one TransferError, or `instanceof` would tell them apart.
  splitting: true,
  // Rollup turns the pieces into CommonJS as they are; without it they are rewritten for Nodes of long ago.
  treeshake: true,
  clean: true,
  // Node 20 knows some modules by their prefixed name only, such as node:test.
  removeNodeProtocol: false,
});

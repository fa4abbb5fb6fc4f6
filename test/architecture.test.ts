import { describe, expect, it } from 'vitest';
import { violations, type SourceTree } from './support/sources/layers.js';
import { readSources } from './support/sources/sources.js';

describe('the source files', () => {
  it('import only from the layers below', async () => {
    const tree = await readSources();
    expect(tree.size).toBeGreaterThan(5);
    expect(violations(tree)).toEqual([]);
  });
});

describe('the layer check', () => {
  it('accepts imports from lower layers', () => {
    expect(
      violations(
        treeOf({
          'errors.ts': '',
          'protocol/limits.ts': "import '../errors.js';",
          'codecs/codec.ts': "import type { A } from '../protocol/limits.js';",
          'codecs/json.ts': "import { B } from './codec.js';",
          'sync-fs/gate.ts': "import fs from 'node:fs';",
          'client/a.ts': "import '../sync-fs/gate.js';",
          'storage/directory/a.ts': "import '../../sync-fs/gate.js';",
          'session/session.ts': "import fs from 'node:fs'; import '../codecs/codec.js';",
          'server/options.ts': "import '../codecs/json.js'; import './strategies/blocking.js';",
          'server/strategies/strategy.ts': '',
          'server/strategies/blocking.ts': "import './strategy.js';",
          'index.ts': "export * from './server/options.js';",
          'protocol.ts': "export * from './protocol/limits.js'; export * from './codecs/json.js';",
          'cli/main.ts': "import 'commander'; import './a.js'; await import('../index.js');",
        }),
      ),
    ).toEqual([]);
  });

  it.each([
    ['protocol/a.ts', "import '../codecs/codec.js';", 'must not import codecs/codec.ts'],
    ['session/a.ts', "import type { A } from '../codecs/json.js';", 'must not import codecs/json.ts'],
    ['session/a.ts', "export * from '../codecs/json.js';", 'must not import codecs/json.ts'],
    ['session/a.ts', "type A = import('../codecs/json.js').A;", 'must not import codecs/json.ts'],
    ['session/a.ts', "await import('../codecs/json.js');", 'must not import codecs/json.ts'],
    ['session/a.ts', "require('../codecs/json.js');", 'must not import codecs/json.ts'],
    ['client/a.ts', "import '../server/b.js';", 'must not import server/b.ts'],
    ['server/a.ts', "import '../client/b.js';", 'must not import client/b.ts'],
    ['server/a.ts', "import '../codecs/json.js';", 'must not import codecs/json.ts'],
    ['server/a.ts', "import '../storage/memory.js';", 'must not import storage/memory.ts'],
    ['server/a.ts', "import './strategies/b.js';", 'must not import server/strategies/b.ts'],
    ['client/options.ts', "import '../storage/memory.js';", 'must not import storage/memory.ts'],
    ['fs/a.ts', "import '../errors.js';", 'must not import errors.ts'],
    ['sync-fs/a.ts', "import '../storage/storage.js';", 'must not import storage/storage.ts'],
    ['session/a.ts', "import '../fs/b.js';", 'must not import fs/b.ts'],
    ['server/a.ts', "import '../sync-fs/b.js';", 'must not import sync-fs/b.ts'],
    ['collections/a.ts', "import '../protocol/b.js';", 'must not import protocol/b.ts'],
    ['udp/a.ts', "import '../session/b.js';", 'must not import session/b.ts'],
    ['udp/a.ts', "import '../clock.js';", 'must not import clock.ts'],
    ['protocol/a.ts', "import '../udp/b.js';", 'must not import udp/b.ts'],
    ['options/a.ts', "import '../session/b.js';", 'must not import session/b.ts'],
    ['contracts/a.ts', "import '../session/b.js';", 'must not import session/b.ts'],
    ['contracts/a.ts', "import '../index.js';", 'must not import index.ts'],
    ['protocol.ts', "export * from './session/session.js';", 'must not import session/session.ts'],
    ['protocol/a.ts', "import '../protocol.js';", 'must not import protocol.ts'],
    ['index.ts', "import './contracts/index.js';", 'must not import contracts/index.ts'],
    ['cli/a.ts', "import '../client/b.js';", 'must not import client/b.ts'],
    ['cli/a/b.ts', "import '../../errors.js';", 'must not import errors.ts'],
    ['index.ts', "import './cli/main.js';", 'must not import cli/main.ts'],
    ['server/a.ts', "import '../../test/b.js';", 'must not import ../test/b.ts'],
  ])('rejects in %s: %s', (file, text, violation) => {
    expect(violations(treeOf({ [file]: text }))).toEqual([`${file} ${violation}.`]);
  });

  it('rejects modules that are not of Node, or lack the prefix node:', () => {
    const text = "import a from 'left-pad'; import fs from 'fs'; import 'socket-ftp'; await import(name);";
    expect(violations(treeOf({ 'errors.ts': text }))).toEqual([
      'errors.ts imports left-pad, which is not a node: module.',
      'errors.ts imports fs, which is not a node: module.',
      'errors.ts imports socket-ftp, which is not a node: module.',
      'errors.ts imports a computed name.',
    ]);
  });

  it('lets only the program import the packages that it bundles', () => {
    const text = "import 'commander'; import 'left-pad';";
    expect(violations(treeOf({ 'cli/main.ts': text, 'errors.ts': "import 'commander';" }))).toEqual([
      'cli/main.ts imports left-pad, which is not a node: module.',
      'errors.ts imports commander, which is not a node: module.',
    ]);
  });

  it('ignores imports in comments and strings', () => {
    const text = "// import 'left-pad';\nconst text = `import 'left-pad';`;";
    expect(violations(treeOf({ 'errors.ts': text }))).toEqual([]);
  });

  it('finds import cycles, also of types', () => {
    expect(
      violations(
        treeOf({
          'protocol/a.ts': "import './b.js';",
          'protocol/b.ts': "import './c.js';",
          'protocol/c.ts': "import type { A } from './a.js';",
          'protocol/d.ts': "import './a.js';",
        }),
      ),
    ).toEqual(['protocol/a.ts -> protocol/b.ts -> protocol/c.ts -> protocol/a.ts is a circle.']);
  });

  it('rejects unknown folders', () => {
    expect(violations(treeOf({ 'utils/a.ts': '', 'helpers.ts': '' }))).toEqual([
      'utils/a.ts is in no known layer.',
      'helpers.ts is in no known layer.',
    ]);
  });

  it('rejects folders with more than twelve files', () => {
    const files = (count: number) =>
      treeOf(Object.fromEntries(Array.from({ length: count }, (_, index) => [`fs/a${index}.ts`, ''])));
    expect(violations(files(12))).toEqual([]);
    expect(violations(files(13))).toEqual(['fs/ has 13 files, more than 12.']);
  });

  it('rejects long files', () => {
    expect(violations(treeOf({ 'errors.ts': '\n'.repeat(300) }))).toEqual([]);
    expect(violations(treeOf({ 'errors.ts': '\n'.repeat(301) }))).toEqual([
      'errors.ts has 301 lines, more than 300.',
    ]);
  });
});

function treeOf(sources: Record<string, string>): SourceTree {
  return new Map(Object.entries(sources));
}

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import vm from 'node:vm';
import { describe, expect, it } from 'vitest';
import type * as library from '../src/index.js';
import { repositoryRoot } from './support/repository.js';

describe('the parts that are loaded later', () => {
  it('are loaded by CommonJS in a context without import()', async () => {
    const { FileClient, FileServer } = requireInContext(
      path.join(repositoryRoot, 'dist/index.cjs'),
    ) as typeof library;
    const root = await mkdtemp(path.join(tmpdir(), 'socket-ftp-'));
    const server = await new FileServer({ root, flush: false }).listen(0);
    const client = new FileClient({ port: server.port });
    try {
      await client.writeFile('a', 'sent');
      await client.downloadFile('a', path.join(root, 'b'));
      await client.uploadFile(path.join(root, 'b'), 'c');
      expect(await readFile(path.join(root, 'c'), 'utf8')).toBe('sent');
      const result = await client.uploadDirectory(root, 'copy', { ignore: ['copy/'] });
      expect(result.isComplete).toBe(true);
    } finally {
      await client.close();
      await server.close();
      await rm(root, { recursive: true });
    }
  });
});

/** As test frameworks load CommonJS. */
function requireInContext(entry: string): unknown {
  const requireOfNode = createRequire(import.meta.url);
  const loaded = new Map<string, { exports: unknown }>();
  const load = (file: string): unknown => {
    const known = loaded.get(file);
    if (known) return known.exports;
    const module = { exports: {} };
    loaded.set(file, module);
    const requireFrom = (specifier: string): unknown =>
      specifier.startsWith('.')
        ? load(path.resolve(path.dirname(file), specifier))
        : requireOfNode(specifier);
    const text = readFileSync(file, 'utf8');
    const run = vm.compileFunction(text, ['module', 'exports', 'require'], { filename: file }) as (
      ...given: unknown[]
    ) => void;
    run(module, module.exports, requireFrom);
    return module.exports;
  };
  return load(entry);
}

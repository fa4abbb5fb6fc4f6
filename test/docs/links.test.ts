import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../support/repository.js';
import { packedNow } from '../support/package/tarball.js';
import { readDocuments, textsOf } from './documents.js';
import { brokenLinks } from './links.js';

describe('the links of the documents', () => {
  it('have existing targets', async () => {
    expect(brokenLinks(await readDocuments(), isInRepository)).toEqual([]);
  });

  // npm runs as a process of its own, which takes long on a busy machine.
  it('lead to files of the package when the document is in the package', { timeout: 120_000 }, async () => {
    const packed = (await packedNow()).files.map((file) => file.path);
    const documents = await textsOf(packed.filter((file) => file.endsWith('.md')));
    expect([...documents.keys()]).toEqual(expect.arrayContaining(['README.md', 'docs/reference/client.md']));
    expect(brokenLinks(documents, (name) => packed.includes(name))).toEqual([]);
  });

  // The package has no sources, so that a document names them and does not link to them.
  it('are not needed for files of src, which exist where a document of the package names them', async () => {
    const texts = [...(await readDocuments())].filter(([name]) => !name.startsWith('docs/internals/'));
    const named = texts.flatMap(([, text]) =>
      [...text.matchAll(/`(src\/[\w/-]+\.ts)`/g)].map(([, file]) => file!),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((file) => !isInRepository(file))).toEqual([]);
  });

  it('fail the check with a missing target', () => {
    const documents = new Map([
      [
        'README.md',
        '# One `two` (three)\n[a](docs/a.md#b) [b](docs/b.md) [c](#one-two-three) [d](#d) ![e](e.png "E")',
      ],
      [
        'docs/a.md',
        '# B\n[a]: ../LICENSE\n[b]: ./nowhere\n<a href="nothing">\n`[c](c)` ```[d](d)```\n[e](../tsup.config.ts)',
      ],
      [
        'docs/c.md',
        '```md\n[a](nowhere)\n# B\n```\n[a](a.md#c) [b](https://example.org) [c](mailto:a@example.org) [d](#b)',
      ],
    ]);
    expect(brokenLinks(documents, isInRepository)).toEqual([
      'README.md: docs/b.md',
      'README.md: #d',
      'README.md: e.png',
      'docs/a.md: ./nowhere',
      'docs/a.md: nothing',
      'docs/c.md: a.md#c',
      'docs/c.md: #b',
    ]);
  });
});

function isInRepository(name: string): boolean {
  return existsSync(path.join(repositoryRoot, name));
}

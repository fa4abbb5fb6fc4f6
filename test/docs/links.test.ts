import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../support/repository.js';
import { readDocuments } from './documents.js';
import { anchorsOf, linksOf } from './markdown.js';

describe('the links of the documents', () => {
  it('lead somewhere', async () => {
    expect(brokenLinks(await readDocuments())).toEqual([]);
  });

  it('would not pass if one led nowhere', () => {
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
    expect(brokenLinks(documents)).toEqual([
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

function brokenLinks(documents: ReadonlyMap<string, string>): string[] {
  return [...documents].flatMap(([name, markdown]) => {
    const broken = linksOf(markdown).filter((link) => !leadsSomewhere(documents, name, link));
    return broken.map((link) => `${name}: ${link}`);
  });
}

function leadsSomewhere(documents: ReadonlyMap<string, string>, from: string, link: string): boolean {
  const [file = '', anchor] = decodeURI(link).split('#');
  const target = file === '' ? from : path.posix.join(path.posix.dirname(from), file);
  const markdown = documents.get(target);
  if (markdown === undefined) return existsSync(path.join(repositoryRoot, target));
  return anchor === undefined || anchorsOf(markdown).includes(anchor);
}

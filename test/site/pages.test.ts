/** The pages of the site: every document for readers is one, and each has a group, an address and a title. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { groupOf, headingsOf, titleOf, urlOf } from '../../site/pages.mjs';
import { readDocuments } from '../docs/documents.js';
import { repositoryRoot } from '../support/repository.js';

const options = JSON.parse(await readFile(path.join(repositoryRoot, 'typedoc.json'), 'utf8')) as {
  readonly projectDocuments: readonly string[];
  readonly groupOrder: readonly string[];
};
const documents = await readDocuments();
const sources = options.projectDocuments.map((name) => name.replace(/\.md$/, ''));

describe('the pages of the site', () => {
  it('are all documents of docs/ except the internal ones', () => {
    const expected = [...documents.keys()].filter((name) => /^docs\/(?!internals\/)/.test(name));
    const listed = options.projectDocuments.filter((name) => name.startsWith('docs/'));
    expect([...listed].sort()).toEqual(expected.sort());
  });

  it('have addresses of their own', () => {
    expect(new Set(sources.map(urlOf)).size).toBe(sources.length);
  });

  it('have groups that the navigation orders', () => {
    expect(options.groupOrder).toEqual(expect.arrayContaining(sources.map(groupOf)));
  });

  it('have titles of their own', () => {
    const titles = sources.map((source) => titleOf(documents.get(`${source}.md`) ?? '', source));
    expect(new Set(titles).size).toBe(titles.length);
  });
});

describe('a page', () => {
  it.each([
    ['docs/guides/tls', 'Guides', 'guides/tls'],
    ['docs/concepts/resume', 'Concepts', 'concepts/resume'],
    ['docs/reference/errors', 'Reference', 'reference/errors'],
    ['docs/protocol', 'Reference', 'protocol'],
    ['docs/getting-started', 'Start', 'getting-started'],
    ['docs/README', 'Start', 'overview'],
    ['examples/README', 'Start', 'examples'],
    ['CONTRIBUTING', 'Project', 'contributing'],
  ])('%s is in %s at %s', (source, group, url) => {
    expect([groupOf(source), urlOf(source)]).toEqual([group, url]);
  });

  it('is found by its headings, and not by comments in its code', () => {
    const page = '# A `b`\n\n```sh\n# no heading\n```\n\nText\n\n## Quotas\n';
    expect(headingsOf(page)).toBe('A b Quotas Quota');
  });

  it('without a group or a title is an error', () => {
    expect(() => groupOf('test/faults/README')).toThrow('no group for test/faults/README.md');
    expect(() => titleOf('## Only a section', 'docs/a')).toThrow('docs/a.md has no title');
  });
});

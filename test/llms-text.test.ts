import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from './support/repository.js';

const README = 'docs/README.md';

describe('llms.txt', () => {
  it('is made of the list of documents; `npm test -- test/llms-text.test.ts -u` writes it', async () => {
    const { description } = JSON.parse(await textOf('package.json')) as { description: string };
    const text = llmsText(description, await textOf(README));
    await expect(text).toMatchFileSnapshot(path.join(repositoryRoot, 'llms.txt'));
  });

  it('names each document of the package', async () => {
    const names = await readdir(path.join(repositoryRoot, 'docs'), { recursive: true });
    const pages = names
      .map((name) => `docs/${name.replaceAll('\\', '/')}`)
      .filter((name) => name.endsWith('.md') && !/^docs\/(?:api|internals)\/|\.api\.md$/.test(name));
    const text = await textOf('llms.txt');
    expect(pages.filter((page) => page !== README && !text.includes(`](${page})`))).toEqual([]);
  });
});

function textOf(file: string): Promise<string> {
  return readFile(path.join(repositoryRoot, file), 'utf8');
}

/** Sections of links with a description each, in the form that https://llmstxt.org describes. */
function llmsText(description: string, readme: string): string {
  const sections = readme
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const links = section.split('\n').flatMap(linkOf);
      return links.length > 0 ? [`## ${section.split(/[:\n]/, 1).join('')}`, '', ...links, ''] : [];
    });
  return ['# socket-ftp', '', `> ${description}`, '', ...sections.flat()].join('\n');
}

/** A line of a list, `- [Page](target): description`, or of a table, `| description | [Page](target) |`. */
function linkOf(line: string): string[] {
  const item = /^- \[(?<page>.+)\]\((?<target>\S+)\): (?<about>.+)$/.exec(line);
  const row = /^\| (?<about>.+?) +\| \[(?<page>.+)\]\((?<target>\S+)\) +\|$/.exec(line);
  const { page, target, about } = (item ?? row)?.groups ?? {};
  if (page === undefined || target === undefined || about === undefined) return [];
  return [`- [${page}](${path.posix.join('docs', target)}): ${about}`];
}

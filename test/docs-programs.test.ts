/** The pages whose programs run by themselves: each block of JavaScript ends without an error. */
import { describe, expect, it } from 'vitest';
import { readDocuments } from './docs/documents.js';
import { fencesOf } from './docs/markdown.js';
import { repositoryRoot } from './support/repository.js';
import { runNode } from './support/package/run.js';

const PAGES = [
  'docs/concepts/socket-programming.md',
  'docs/concepts/tcp-and-udp.md',
  'docs/concepts/what-happens-when.md',
];

const documents = await readDocuments();
const programs = PAGES.flatMap((page) => {
  const fences = fencesOf(page, documents.get(page) ?? '').filter(({ language }) => language === 'js');
  return fences.map(({ line, code }) => [`${page}:${line}`, code] as const);
});

/** What programs print, where their pages say it. */
const OUTPUTS: readonly RegExp[] = [
  /^message: hello\nmessage: world\nmessage: bye\n$/,
  /^persistent .* connected\non-demand .* disconnected\n$/,
  /^8000000 bytes, over 2 connections\n$/,
];

describe('the programs of the documents', () => {
  it('are on each of these pages', () => {
    const pages = programs.map(([place]) => place.replace(/:\d+$/, ''));
    expect(new Set(pages)).toEqual(new Set(PAGES));
  });

  it('run to their ends without a warning, and print what their pages say', async () => {
    const printed: string[] = [];
    for (const [place, code] of programs) {
      const { stdout, ...outcome } = await runNode(['--input-type=module', '--eval', code], {
        cwd: repositoryRoot,
      });
      expect({ place, ...outcome }).toEqual({ place, code: 0, stderr: '' });
      printed.push(stdout);
    }
    for (const output of OUTPUTS) expect(printed).toContainEqual(expect.stringMatching(output));
  });
});

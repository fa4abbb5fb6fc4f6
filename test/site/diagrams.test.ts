/** The diagrams of the documents: each can be drawn, and those of states have the tables of the code. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { withDiagrams } from '../../site/diagrams/with-diagrams.mjs';
import { uploadTransitions } from '../../src/client/streams/upload-state.js';
import { clientTransitions, serverTransitions } from '../../src/session/channel/transitions.js';
import { readDocuments } from '../docs/documents.js';
import { fencesOf } from '../docs/markdown.js';
import { repositoryRoot } from '../support/repository.js';

const documents = await readDocuments();

/** The source of the diagram with a title. */
function diagram(document: string, title: string): string {
  const fences = fencesOf(document, documents.get(document) ?? '');
  const found = fences.find(({ code }) => code.includes(`accTitle: ${title}\n`));
  if (found === undefined) throw new Error(`${document} has no diagram "${title}".`);
  return found.code;
}

/** The transitions that a diagram of states shows, as `state, event, next state`. */
function shown(source: string): string[] {
  return [...source.matchAll(/^\s*(\w+) --> (\w+): (\w+)$/gm)]
    .map(([, from, to, event]) => `${from}, ${event}, ${to}`)
    .sort();
}

/** Those of a table. */
function listed(table: Readonly<Record<string, Readonly<Record<string, string>>>>): string[] {
  const rows = Object.entries(table).flatMap(([from, row]) =>
    Object.entries(row).map(([event, to]) => `${from}, ${event}, ${to}`),
  );
  return rows.sort();
}

const onSite = [...documents.keys()].filter((name) => /^docs\/(?!internals\/)/.test(name));

describe('the diagrams', () => {
  it.each(onSite)('of %s can be drawn', (name) => {
    const markdown = documents.get(name) ?? '';
    const count = fencesOf(name, markdown).filter(({ language }) => language === 'mermaid').length;
    const drawn = withDiagrams(markdown);
    expect(drawn.match(/<figure class="diagram"/g) ?? []).toHaveLength(count);
    expect(drawn).not.toMatch(/```mermaid|<style>|fonts\.googleapis/);
  });

  it('of a channel have the transitions of the code', () => {
    const ofClient = diagram('docs/concepts/connection.md', 'The frames that a client sends on a channel');
    const ofServer = diagram('docs/concepts/connection.md', 'The frames that a server sends on a channel');
    expect(shown(ofClient)).toEqual(listed(clientTransitions));
    expect(shown(ofServer)).toEqual(listed(serverTransitions));
  });

  it('of an upload have the transitions of the code that lead to another state', () => {
    const ofUpload = diagram('docs/concepts/transfer.md', 'The states of an upload in the client');
    const changes = listed(uploadTransitions).filter((row) => row.split(', ')[0] !== row.split(', ')[2]);
    expect(shown(ofUpload)).toEqual(changes);
  });
});

describe('withDiagrams', () => {
  const graph = '```mermaid\nstateDiagram-v2\n  accTitle: Two\n  one --> two: go\n  two --> one: back\n```\n';
  const sequence =
    '```mermaid\nsequenceDiagram\n  accTitle: Talk\n  participant A as a < b\n  participant B as b\n  A->>B: hi\n  Note over A,B: done\n```\n';

  it('draws a figure on one line, with a name for assistive technology', () => {
    const lines = withDiagrams(`Before\n\n${graph}\nAfter`).split('\n');
    expect(lines[2]).toMatch(
      /^<figure class="diagram" tabindex="0" aria-label="Two"><div role="img" aria-label="Two"/,
    );
    expect([...lines.slice(0, 2), lines.at(-1)]).toEqual(['Before', '', 'After']);
  });

  it('draws a transition to an earlier state with its arrow at that state', () => {
    const edges = [...withDiagrams(graph).matchAll(/<polyline [^>]*data-label="(\w+)" points="([^"]*)"/g)];
    const rises = edges.map(([, label, points = '']) => {
      const heights = points.split(' ').map((point) => Number(point.split(',')[1]));
      return [label, Math.sign((heights.at(-1) ?? 0) - (heights[0] ?? 0))];
    });
    expect(rises).toEqual([
      ['go', 1],
      ['back', -1],
    ]);
  });

  it('escapes the texts of a sequence', () => {
    expect(withDiagrams(sequence)).toContain('a &lt; b');
  });

  it('uses only colors that the style sheet of the site defines', async () => {
    const css = await readFile(path.join(repositoryRoot, 'site/site.css'), 'utf8');
    const used = onSite
      .map((name) => withDiagrams(documents.get(name) ?? ''))
      .flatMap((html) => [...html.matchAll(/var\((--[\w-]+)\)/g)])
      .map(([, name = '']) => name);
    expect(used.length).toBeGreaterThan(0);
    expect([...new Set(used)].filter((name) => !css.includes(`${name}:`))).toEqual([]);
  });

  it('leaves other code alone', () => {
    const markdown = '```ts\nconst a = 1;\n```\n';
    expect(withDiagrams(markdown)).toBe(markdown);
  });

  it.each([
    ['a diagram without a title', '```mermaid\nflowchart TD\n  a --> b\n```\n', /has no accTitle/],
    ['a line that it cannot draw', sequence.replace('A->>B', 'A-)B'), /Cannot draw/],
    ['an unknown participant', sequence.replace('A->>B', 'A->>C'), /Cannot draw/],
  ])('refuses %s', (_what, markdown, message) => {
    expect(() => withDiagrams(markdown)).toThrow(message);
  });
});

/** The conversation by hand in the guide to codecs equals the output of a server. */
import { describe, expect, it } from 'vitest';
import { serve } from '../support/servers/serve.js';
import { repositoryRoot } from '../support/repository.js';
import { Wire } from '../support/frames/wire.js';
import { readDocuments } from './documents.js';
import { fencesOf } from './markdown.js';

const GUIDE = 'docs/guides/codecs.md';

/** Replaces the parts that differ between versions of a file, or are only on some systems. */
function shapeOf(line: string): string {
  const etag = (text: string): string => text.replace(/[0-9a-z]+/g, 'x');
  const withoutMode = line.replace(/ mode=\d+$/, '');
  return withoutMode.replace(/\b(size|mtime)=\d+/g, '$1=0').replace(/(?<=\betag=)\S+/, etag);
}

describe('the guide to codecs', () => {
  it('shows the output of a server for typed input', async () => {
    const guide = (await readDocuments()).get(GUIDE) ?? '';
    const consoles = fencesOf(GUIDE, guide).filter(({ language }) => language === 'console');
    const [, ...lines] = consoles[0]?.code.split('\n') ?? [];
    expect(lines.length).toBeGreaterThan(0);
    const { port } = await serve({ root: repositoryRoot });
    const wire = await Wire.connect(port);
    const said: string[] = [];
    for (const line of lines) {
      const isTyped = /^(?:hello|open) /.test(line);
      if (isTyped) wire.send(`${line}\n`);
      said.push(isTyped ? line : ((await wire.line()) ?? ''));
    }
    expect(said.map(shapeOf)).toEqual(lines.map(shapeOf));
  });
});

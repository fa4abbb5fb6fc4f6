/** The picture of the README: how a recording is read and drawn. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { steps } from '../../site/terminal/scene.mjs';
import { piecesOf } from '../../site/terminal/styled-text.mjs';
import { terminalSvg } from '../../site/terminal/terminal-svg.mjs';
import { timeline } from '../../site/terminal/timeline.mjs';
import { repositoryRoot } from '../support/repository.js';
import { lastLines } from '../support/cli/picture.js';

describe('a line with styles', () => {
  it('has a piece for each style, at its column', () => {
    expect(piecesOf('\x1b[31msocket-ftp:\x1b[39m \x1b[1;32mok\x1b[0m.')).toEqual([
      { column: 0, text: 'socket-ftp:', classes: ['red'] },
      { column: 11, text: ' ', classes: [] },
      { column: 12, text: 'ok', classes: ['green', 'bold'] },
      { column: 14, text: '.', classes: [] },
    ]);
  });

  it('must have styles that the picture has', () => {
    expect(() => piecesOf('\x1b[45mtext')).toThrow('no style for SGR 45');
  });
});

describe('a timeline', () => {
  const frame = (atMs: number, ...client: string[]) => ({ atMs, screens: { server: [''], client } });

  it('has each line from its first frame to its last', () => {
    const lines = timeline([
      frame(50, '$'),
      frame(150, '$ a', '1 %'),
      frame(250, '$ a', '2 %'),
      frame(350, '$ a'),
    ]);
    expect(lines.map(({ row, line, from, to }) => [row, line, from, to])).toEqual([
      [0, '$', 0, 100],
      [0, '$ a', 100, undefined],
      [1, '1 %', 100, 200],
      [1, '2 %', 200, 300],
    ]);
  });

  it('shortens a pause', () => {
    const [line] = timeline([frame(0), frame(60_000, 'late')]);
    expect(line).toMatchObject({ line: 'late', from: 1_200 });
  });
});

describe('a drawn terminal', () => {
  const seen = { pane: 'client', row: 0, from: 0, to: undefined } as const;

  it('escapes its texts', () => {
    const svg = terminalSvg([{ ...seen, line: '> a & <b>' }], '"<title>"');
    expect(svg).toContain('&gt; a &amp; &lt;b&gt;</tspan>');
    expect(svg).toContain('aria-label="&quot;&lt;title&gt;&quot;"');
    expect(() => new SaxesParser().write(svg).close()).not.toThrow();
  });

  it('shows its last lines without animation, and each line in its time with it', () => {
    const svg = terminalSvg(
      [
        { ...seen, line: 'passing', from: 100, to: 300 },
        { ...seen, line: 'first' },
        { ...seen, line: 'last', from: 300 },
      ],
      'A title',
    );
    expect([...svg.matchAll(/<text y="\d+"(.*?)><tspan/g)].map(([, times]) => times)).toEqual([
      ' class="past" style="animation-delay:100ms;animation-duration:200ms"',
      '',
      ' class="late" style="animation-duration:300ms"',
    ]);
    expect(lastLines(svg).client).toEqual(['first', 'last']);
  });
});

describe('the picture of the README', async () => {
  const svg = await readFile(path.join(repositoryRoot, 'docs/command-line.svg'), 'utf8');

  it('is part of it', async () => {
    expect(await readFile(path.join(repositoryRoot, 'README.md'), 'utf8')).toContain(
      '](docs/command-line.svg)',
    );
  });

  it('has the commands of the scene', () => {
    const { server, client } = lastLines(svg);
    const typed = [...server, ...client].filter((line) => /^\$ ./.test(line));
    expect(typed).toEqual(steps.map(({ line }) => `$ ${line}`));
  });

  it('loads nothing, and has no path of a machine', () => {
    expect(svg).not.toMatch(/url\(|href|<script|\/tmp|\/var/);
    expect(svg.match(/\/home\/\w+/g)).toEqual(['/home/ann']);
  });
});

import { spawnSync } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { linesOf, trees, type TreeFiles } from '../../support/local-files/trees.js';

const has = (command: string): boolean => spawnSync(command, ['--version']).status === 0;

describe.skipIf(!has('rsync'))('a mirror', () => {
  it.each([1, 2, 3, 4])('sends, creates and deletes what rsync would (trees %i)', async (seed) => {
    const { client, up, down, local, remote } = await randomTrees(seed);
    const options = { mode: 'mirror', maxDelete: 1_000 } as const;
    expect(relevant(await linesOf(client.planSync(...up, options)))).toEqual(rsync(local, remote));
    expect(relevant(await linesOf(client.planSync(...down, options)))).toEqual(rsync(remote, local));
  });

  it('ignores what rsync excludes', async () => {
    const { client, up, local, remote } = await randomTrees(5);
    const options = { mode: 'mirror', maxDelete: 1_000, ignore: ['*1', 'd2/', '/d3/e*'] } as const;
    const excludes = ['--exclude=*1', '--exclude=d2/', '--exclude=/d3/e*'];
    expect(relevant(await linesOf(client.planSync(...up, options)))).toEqual(rsync(local, remote, excludes));
  });
});

describe.skipIf(!has('rclone'))('a check', () => {
  it.each([1, 2, 3])('finds the differences that rclone finds (trees %i)', async (seed) => {
    const { client, up, local, remote } = await randomTrees(seed);
    const found = relevant(await linesOf(client.check(...up, { checksum: true })));
    const { stdout } = spawnSync('rclone', ['check', local, remote, '--combined', '-'], { encoding: 'utf8' });
    const kinds: Record<string, string> = { '+': 'transfer', '*': 'transfer', '-': 'delete' };
    const expected = stdout
      .split('\n')
      .filter((line) => /^[-+*] /.test(line))
      .map((line) => `${kinds[line.charAt(0)]} ${line.slice(2)}`);
    // Directories are nothing to rclone.
    const isFile = (line: string): boolean => /\/f\d+$|^\w+ f\d+$/.test(line);
    expect(found.filter(isFile)).toEqual(expected.sort());
  });
});

/** Two trees with common, changed and other files. Directories are `d1`, files `f1`. */
async function randomTrees(seed: number) {
  const next = numbersFrom(seed);
  const [local, remote]: [TreeFiles, TreeFiles] = [{}, {}];
  for (let count = 0; count < 80; count++) {
    const directory = Array.from(
      { length: next() % 4 },
      () => `${next() % 3 === 0 ? 'e' : 'd'}${next() % 4}/`,
    ).join('');
    const name = `${directory}f${next() % 20}`;
    const content = 'x'.repeat(next() % 40);
    const where = next() % 5;
    if (where !== 0) local[name] = content;
    if (where !== 1) remote[name] = where === 2 ? `${content}y` : content;
    if (where === 3) local[`${directory}empty${next() % 9}/`] = '';
  }
  const both = await trees({ local, remote });
  for (const name of Object.keys(local).filter((at) => !at.endsWith('/'))) {
    if (next() % 6 === 0) await fs.utimes(path.join(both.local, name), 1_500_000_000, 1_500_000_000);
  }
  return both;
}

/** What rsync would do, as kinds and paths. */
function rsync(from: string, to: string, options: string[] = []): string[] {
  const args = ['-n', '-i', '-r', '-t', '--delete', '--force', ...options, `${from}/`, `${to}/`];
  const { stdout } = spawnSync('rsync', args, { encoding: 'utf8' });
  return stdout
    .split('\n')
    .flatMap((line) => {
      const [, code = '', name = ''] = /^(\S+) +(.*?)\/?$/.exec(line) ?? [];
      if (code === '*deleting') return `delete ${name}`;
      if (code.startsWith('cd')) return `make-directory ${name}`;
      return /^[<>]f/.test(code) ? `transfer ${name}` : [];
    })
    .sort();
}

/** Kinds and paths, without times, which rsync sets where they differ and we also where entries change. */
function relevant(lines: readonly string[]): string[] {
  return lines
    .filter((line) => !line.startsWith('touch'))
    .map((line) => line.slice(0, line.lastIndexOf(' ')))
    .sort();
}

/** Pseudo-random numbers. */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}

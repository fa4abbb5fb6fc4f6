/** Unusual names that are carried over in both directions, and stay one name. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { DIRECTIONS, sides } from '../../support/directories/sides.js';
import { treeState, writeTree } from '../../support/directories/tree.js';

const codecs = ['text', 'json', 'xml', 'binary'] as const;
const isLinux = process.platform === 'linux';

describe.runIf(isLinux).each(codecs)('names that no server can hold, in %s', (codec) => {
  it('come back byte for byte with encodeNames, and are sent once', async () => {
    const at = await sides('upload', { source: { plain: 'p' }, codec });
    const names = ['back\\slash', 'line\nbreak', '100%41', 'tab\tand 100%'].map((name) => Buffer.from(name));
    names.push(Buffer.from([0x66, 0xff, 0xc3]), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from([0xc0, 0xaf]));
    const root = Buffer.from(at.source);
    for (const name of names) {
      const directory = joined(root, Buffer.concat([Buffer.from('d-'), name]));
      await fs.mkdir(directory);
      await fs.writeFile(joined(directory, name), name);
      await fs.writeFile(joined(root, name), Buffer.alloc(20_000, name));
    }
    const options = { mode: 'mirror', encodeNames: true, maxDelete: 100 } as const;
    const up = await at.client.sync(at.from, at.to, options);
    expect(up).toMatchObject({ isComplete: true, files: 2 * names.length + 1, problems: [] });
    // All names on the server are UTF-8.
    for (const { name } of await entriesOf(at.target))
      expect(Buffer.from(name.toString()).equals(name)).toBe(true);
    expect(await at.client.sync(at.from, at.to, options)).toMatchObject({ files: 0, deleted: 0, touched: 0 });
    const back = path.join(path.dirname(at.source), 'back');
    await fs.mkdir(back);
    const down = await at.client.sync(at.to, { local: back }, options);
    expect(down).toMatchObject({ isComplete: true, files: 2 * names.length + 1, problems: [] });
    expect(await entriesOf(back)).toEqual(await entriesOf(at.source));
    expect(await at.client.sync({ local: back }, at.to, options)).toMatchObject({ files: 0, deleted: 0 });
  });

  it('are reported without encodeNames, and the rest is sent', async () => {
    const at = await sides('upload', { source: { 'back\\slash': 'x', 'd\\e/f': 'f', c: 'c' }, codec });
    const result = await at.client.sync(at.from, at.to, { mode: 'mirror' });
    expect(result).toMatchObject({ isComplete: false, files: 1 });
    expect(result.problems.map(({ path: at, reason }) => [at, reason])).toEqual([
      ['back\\slash', 'name'],
      ['d\\e', 'name'],
    ]);
    expect(Object.keys(await treeState(at.target))).toEqual(['c']);
  });
});

describe.runIf(isLinux).each(DIRECTIONS)('a name in another Unicode form: %s', (direction) => {
  it('gets the new content under the name that it has, and no twin', async () => {
    const [nfc, nfd] = ['caf\u00e9', 'cafe\u0301'];
    const at = await sides(direction, {
      source: { [`${nfd}/${nfd}`]: 'same', [`${nfd}/${nfd}.txt`]: 'x' },
      target: { [`${nfc}/${nfc}`]: 'same', [`${nfc}/${nfc}.txt`]: 'x' },
    });
    const mirror = { mode: 'mirror' } as const;
    expect(await at.client.sync(at.from, at.to, mirror)).toMatchObject({ files: 0, deleted: 0, touched: 0 });
    await writeTree(at.source, { [`${nfd}/${nfd}`]: 'changed', [`${nfd}/new`]: 'n' });
    expect(await at.client.sync(at.from, at.to, mirror)).toMatchObject({ isComplete: true, files: 2 });
    const state = await treeState(at.target);
    expect(Object.keys(state).sort()).toEqual([nfc, `${nfc}/${nfc}`, `${nfc}/${nfc}.txt`, `${nfc}/new`]);
    expect(state[`${nfc}/${nfc}`]?.content).toBe('changed');
    expect(await at.client.sync(at.from, at.to, mirror)).toMatchObject({ files: 0, deleted: 0 });
  });
});

interface NamedEntry {
  readonly name: Buffer;
  /** The content of a file. */
  readonly content: string | undefined;
  readonly mtimeMs: number;
}

/** All entries below a directory, with the bytes of their names. */
async function entriesOf(root: string): Promise<NamedEntry[]> {
  const found: NamedEntry[] = [];
  const collect = async (below: Buffer): Promise<void> => {
    for (const last of await fs.readdir(joined(Buffer.from(root), below), { encoding: 'buffer' })) {
      // What a server keeps to repeat an answer.
      if (last.toString() === '.socket-ftp') continue;
      const name = joined(below, last);
      const at = joined(Buffer.from(root), name);
      const stats = await fs.stat(at);
      const content = stats.isFile() ? await fs.readFile(at, 'latin1') : undefined;
      found.push({ name, content, mtimeMs: Math.round(stats.mtimeMs) });
      if (stats.isDirectory()) await collect(name);
    }
  };
  await collect(Buffer.alloc(0));
  return found.sort((one, other) => one.name.compare(other.name));
}

function joined(...parts: Buffer[]): Buffer {
  const between = Buffer.from('/');
  return Buffer.concat(
    parts.filter(({ length }) => length > 0).flatMap((part, index) => (index > 0 ? [between, part] : [part])),
  );
}

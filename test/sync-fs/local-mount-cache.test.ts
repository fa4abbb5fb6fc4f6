import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { LocalMountCache } from '../../src/sync-fs/local-mount-cache.js';
import { LocalMount } from '../../src/sync-fs/local-mount.js';
import { temporaryDirectory } from '../support/servers/serve.js';

/** A directory, `/` at its end, with these in it. */
async function treeOf(...names: string[]): Promise<string> {
  const root = `${await temporaryDirectory()}/`;
  for (const name of names) await fs.mkdir(path.join(root, name));
  return root;
}

/** The roots that are asked about meanwhile. */
function watched(): { asked: () => number } {
  const ask = vi.spyOn(LocalMount.prototype, 'check');
  return { asked: () => ask.mock.calls.length };
}

describe.runIf(process.platform === 'linux')('the cache of local directories', () => {
  it('has those that the system reports as local, which is awaited', async () => {
    const root = await treeOf();
    const directories = new LocalMountCache();
    expect(await directories.has(root)).toBe(true);
    expect(await directories.has('/proc/')).toBe(false);
    expect(await directories.has(`${root}missing/`)).toBe(false);
  });

  it('asks the system once for parallel requests', async () => {
    const root = await treeOf();
    const directories = new LocalMountCache();
    const { asked } = watched();
    const answers = await Promise.all(Array.from({ length: 10 }, () => directories.has(root)));
    expect(new Set(answers)).toEqual(new Set([true]));
    // Of the directory itself, and of its parent.
    expect(asked()).toBe(2);
  });

  it('has descendants of a local directory without another request to the system', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `folder-${index}`);
    const root = await treeOf(...names);
    const directories = new LocalMountCache();
    await directories.has(root);
    const { asked } = watched();
    for (const name of names) expect(await directories.has(`${root}${name}/`)).toBe(true);
    expect(asked()).toBe(0);
  });

  it('has no links in a local directory, and nothing outside of it', async () => {
    const root = await treeOf('inner');
    await fs.symlink('/proc/self', `${root}link`);
    const directories = new LocalMountCache();
    await directories.has(root);
    await directories.has(`${root}inner/`);
    expect(await directories.has(`${root}link/`)).toBe(false);
    const { asked } = watched();
    for (const above of ['..', '.', '']) await directories.has(`${root}inner/${above}/`);
    expect(asked()).toBeGreaterThanOrEqual(3);
  });

  it('has a bounded size', async () => {
    const parents = Array.from({ length: 70 }, (_, index) => `parent-${index}`);
    const root = await treeOf(...parents);
    const directories = new LocalMountCache();
    const links = parents.map((name) => `${root}${name}-link/`);
    for (const [index, name] of parents.entries())
      await fs.symlink(`${root}${name}`, links[index]?.slice(0, -1) ?? '');
    for (const link of links) expect(await directories.has(link)).toBe(true);
    const { asked } = watched();
    for (const link of links.slice(-10)) await directories.has(link);
    expect(asked()).toBe(0);
    for (const link of links.slice(0, 5)) await directories.has(link);
    expect(asked()).toBeGreaterThanOrEqual(5);
  });
});

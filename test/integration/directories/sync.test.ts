/** Directories that are made equal, over real sockets, with real files on both sides. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { DirectoryStorage, type FileClient, type SyncAction } from '../../../src/index.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';
import { manyFiles, treeState, writeTree, type TreeContent } from '../../support/directories/tree.js';

interface Sides {
  readonly client: FileClient;
  readonly local: string;
  readonly remote: string;
}

async function sides(content: { local?: TreeContent; remote?: TreeContent }, codec = 'auto'): Promise<Sides> {
  const [local, remote] = [await temporaryDirectory(), await temporaryDirectory()];
  await writeTree(local, content.local ?? {});
  await writeTree(remote, content.remote ?? {});
  const { connect } = await serve({ storage: new DirectoryStorage(remote) });
  const client = codec === 'auto' ? connect() : connect({ codec: codec as 'text' });
  return { client, local, remote };
}

describe('uploadDirectory', () => {
  it('stores every file and directory with its time and its permission bits', async () => {
    const { client, local, remote } = await sides({ local: manyFiles(300) });
    const result = await client.uploadDirectory(local, '/');
    expect(result).toMatchObject({ isComplete: true, files: 300, failed: [], problems: [] });
    expect(await treeState(remote)).toEqual(await treeState(local));
  });
});

describe('downloadDirectory', () => {
  it('stores every file and directory with its time and its permission bits', async () => {
    const { client, local, remote } = await sides({ remote: manyFiles(300) });
    const result = await client.downloadDirectory('/', local);
    expect(result).toMatchObject({ isComplete: true, files: 300, failed: [], problems: [] });
    expect(await treeState(local)).toEqual(await treeState(remote));
  });
});

describe('sync', () => {
  it('sends ten files if ten of many have changed', async () => {
    const { client, local, remote } = await sides({ local: manyFiles(300) });
    await client.uploadDirectory(local, '/');
    const names = Object.keys(manyFiles(300))
      .filter((name) => name.endsWith('1.js'))
      .slice(0, 10);
    for (const name of names) await fs.writeFile(path.join(local, name), 'changed');
    const sent: string[] = [];
    const onAction = (action: SyncAction): void => void sent.push(`${action.kind} ${action.path}`);
    const result = await client.sync({ local }, { remote: '/' }, { mode: 'mirror', onAction });
    expect(result).toMatchObject({ isComplete: true, files: 10, deleted: 0, directories: 0 });
    expect(sent.filter((word) => word.startsWith('transfer')).sort()).toEqual(
      names.map((name) => `transfer ${name}`).sort(),
    );
    expect(await treeState(remote)).toEqual(await treeState(local));
  });
});

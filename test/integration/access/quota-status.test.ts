/** What a client learns of its quota. */
import { describe, expect, it, vi } from 'vitest';
import { MemoryStorage, staticUsers, TransferError, hashToken } from '../../../src/index.js';
import { builtinCodecs, type CodecName } from '../../../src/codecs/builtin.js';
import { serve } from '../../support/servers/serve.js';

const quota = { bytes: 1_000, files: 10, fileBytes: 600 };
const limits = { quotaBytes: 1_000, quotaFiles: 10, quotaFileBytes: 600 };
const tokens = { ann: 'a'.repeat(16), bob: 'b'.repeat(16) };
const nothing = {
  usedBytes: undefined,
  usedFiles: undefined,
  quotaBytes: undefined,
  quotaFiles: undefined,
  quotaFileBytes: undefined,
};

describe.each(Object.keys(builtinCodecs) as CodecName[])('quota() in %s', (codec) => {
  it('tells what is stored and what may be stored, also after changes', async () => {
    const { connect } = await serve({ storage: new MemoryStorage(), quota });
    const client = connect({ codec });
    await expect(client.quota()).resolves.toEqual({ usedBytes: 0, usedFiles: 0, ...limits });
    await client.mkdir('a');
    await client.writeFile('a/b', Buffer.alloc(300));
    await expect(client.quota()).resolves.toEqual({ usedBytes: 300, usedFiles: 2, ...limits });
    await client.remove('a', { recursive: true });
    await expect(client.quota()).resolves.toEqual({ usedBytes: 0, usedFiles: 0, ...limits });
  });

  it('is empty on a server without quotas', async () => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    await expect(connect({ codec }).quota()).resolves.toEqual(nothing);
  });
});

describe('quota()', () => {
  it('has no usage if only the size of a file is limited, and lists nothing', async () => {
    const storage = new MemoryStorage();
    const list = vi.spyOn(storage, 'list');
    const { connect } = await serve({ storage, quota: { fileBytes: 7 } });
    await expect(connect().quota()).resolves.toEqual({ ...nothing, quotaFileBytes: 7 });
    expect(list).not.toHaveBeenCalled();
  });

  it('counts what is stored once, however often it is asked', async () => {
    const storage = new MemoryStorage();
    const list = vi.spyOn(storage, 'list');
    const { connect } = await serve({ storage, quota });
    const client = connect();
    await Promise.all(Array.from({ length: 10 }, () => client.quota()));
    await client.quota();
    expect(list).toHaveBeenCalledOnce();
  });

  it('counts an upload that is running', async () => {
    const { connect } = await serve({ storage: new MemoryStorage(), quota });
    const client = connect();
    const upload = client.upload('a', { size: 500 });
    upload.write('x');
    await vi.waitFor(async () => expect((await client.quota()).usedBytes).toBe(500));
    upload.destroy();
    await vi.waitFor(async () => expect((await client.quota()).usedBytes).toBe(0));
  });

  it('is about the identity of the connection, which needs no permission for it', async () => {
    const { connect } = await serve({
      storage: new MemoryStorage(),
      authenticate: staticUsers({
        ann: { tokens: [hashToken(tokens.ann)], quota: { bytes: 100 } },
        bob: { tokens: [hashToken(tokens.bob)], quota: { bytes: 200 }, permissions: [] },
      }),
      authorize: (identity) => identity?.name === 'ann',
    });
    const ann = connect({ user: 'ann', token: tokens.ann });
    const bob = connect({ user: 'bob', token: tokens.bob });
    await ann.writeFile('a', Buffer.alloc(60));
    await expect(ann.quota()).resolves.toMatchObject({ usedBytes: 60, quotaBytes: 100 });
    await expect(bob.quota()).resolves.toMatchObject({ quotaBytes: 200 });
    await expect(bob.stat('a')).rejects.toMatchObject({ code: 'EACCES' });
  });

  it('fails with the error of a storage that cannot be counted', async () => {
    const storage = new MemoryStorage();
    vi.spyOn(storage, 'list').mockImplementation(() => {
      throw new TransferError('EIO', 'The disk is broken.');
    });
    const { connect } = await serve({ storage, quota });
    await expect(connect().quota()).rejects.toMatchObject({ code: 'EIO', operation: 'quota' });
  });
});

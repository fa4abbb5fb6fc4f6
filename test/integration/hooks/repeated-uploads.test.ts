/** Uploads that are repeated or continued around a hook: it may be asked again, but its answer counts once. */
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { DirectoryStorage, FileClient, FileServer, TransferError } from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import { codecNames } from '../../support/frames/frame-wire.js';
import { checksumOf, ID } from '../../support/frames/upload-wire.js';
import { connectionTo, temporaryDirectory } from '../../support/servers/serve.js';
import { cut, enter, serveHeld, type Open } from '../sessions/session-wire.js';

const body = Buffer.from('text');
const open: Open = { op: 'upload', path: 'new', size: body.length, upload: ID, requestId: 1 };
const end = { type: 'end', size: body.length, checksum: checksumOf(body) } as const;

describe.each(codecNames)('an upload in a session with a hook (%s)', (codec) => {
  it('that is rejected is rejected again when it is repeated, without another call of the hook', async () => {
    let calls = 0;
    const served = await serveHeld({
      beforeCommit: () => {
        calls += 1;
        throw new TransferError('EVIRUS', 'No.');
      },
    });
    const first = await enter(served.port, codec);
    first.wire.send({ type: 'open', id: 1, ...open });
    first.wire.data(1, body);
    first.wire.send({ id: 1, ...end });
    expect(await first.wire.next()).toMatchObject({ type: 'accept' });
    expect(await first.wire.next()).toMatchObject({ type: 'error', code: 'EVIRUS' });
    await cut(served, first);
    const second = await enter(served.port, codec, first.session);
    expect(await second.wire.ask({ id: 1, ...open })).toMatchObject({ type: 'error', code: 'EVIRUS' });
    expect(calls).toBe(1);
    expect(served.held.calls).toEqual([]);
  });

  it('whose connection is lost in the hook is carried out when it is repeated, once', async () => {
    const signals: AbortSignal[] = [];
    let onBegun = (): void => undefined;
    const begun = new Promise<void>((resolve) => (onBegun = resolve));
    const served = await serveHeld({
      beforeCommit: async ({ signal }) => {
        signals.push(signal);
        if (signals.length > 1) return;
        onBegun();
        await once(signal, 'abort');
      },
    });
    const first = await enter(served.port, codec);
    first.wire.send({ type: 'open', id: 1, ...open });
    first.wire.data(1, body);
    first.wire.send({ id: 1, ...end });
    await begun;
    await cut(served, first);
    const second = await enter(served.port, codec, first.session);
    second.wire.send({ type: 'open', id: 1, ...open });
    second.wire.data(1, body);
    second.wire.send({ id: 1, ...end });
    expect(await second.wire.next()).toMatchObject({ type: 'accept' });
    expect(await second.wire.next()).toMatchObject({ type: 'result', bytes: body.length });
    expect(served.held.calls).toEqual(['commit']);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  });
});

describe('an upload whose server closes while its hook works', () => {
  it('continues on the next server, where the hook sees all of it', async () => {
    const bytes = bytesOf(700_000);
    const storage = new DirectoryStorage(await temporaryDirectory());
    const sizes: number[] = [];
    let onBegun = (): void => undefined;
    const begun = new Promise<void>((resolve) => (onBegun = resolve));
    const first = new FileServer({
      storage,
      beforeCommit: () => {
        onBegun();
        return new Promise(() => undefined);
      },
    });
    await using next = new FileServer({ storage, beforeCommit: ({ size }) => void sizes.push(size) });
    let current = first;
    await using client = new FileClient({
      connect: () => connectionTo(current),
      reconnect: { minDelayMs: 1, maxDelayMs: 5 },
    });
    const writing = client.writeFile('file', bytes);
    await begun;
    current = next;
    await first.close({ graceMs: 0 });
    expect((await writing).size).toBe(bytes.length);
    expect(sizes).toEqual([bytes.length]);
    expect((await client.readFile('file')).equals(bytes)).toBe(true);
  });
});

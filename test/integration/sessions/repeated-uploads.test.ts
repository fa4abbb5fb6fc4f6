/** Uploads that a client asks for again after the loss of its connection, over a real socket in every codec. */
import { describe, expect, it } from 'vitest';
import { put, textAt } from '../../../src/contracts/storage/storage-fixture.js';
import { checksumOf, ID } from '../../support/frames/upload-wire.js';
import { bytesOf } from '../../support/bytes.js';
import { codecNames, type FrameWire } from '../../support/frames/frame-wire.js';
import { cut, enter, requests, serveHeld, type Open } from './session-wire.js';

const small = Buffer.from('small');
const large = Buffer.from(bytesOf(300_000));

const bodies = [
  ['small', small],
  ['large', large],
] as const;

interface Rest {
  readonly id: number;
  readonly body: Uint8Array;
  readonly offset?: number | undefined;
}

/** Sends the rest of a body and its end. */
function sendRest(wire: FrameWire, { id, body, offset = 0 }: Rest): void {
  for (let at = offset; at < body.length; at += 65_536) wire.data(id, body.subarray(at, at + 65_536));
  wire.send({ type: 'end', id, size: body.length, checksum: checksumOf(body) });
}

describe.each(codecNames)('an upload in a session (%s)', (codec) => {
  it.each(bodies)('is stored once, and its result given again (%s)', async (_size, body) => {
    const served = await serveHeld();
    const { held, port } = served;
    const first = await enter(port, codec);
    const open: Open = { op: 'upload', path: 'file', size: body.length, upload: ID, requestId: 1 };
    first.wire.send({ type: 'open', id: 1, ...open });
    if (body.length > 65_536) expect(await first.wire.next()).toMatchObject({ type: 'accept' });
    sendRest(first.wire, { id: 1, body: body });
    if (body.length <= 65_536) expect(await first.wire.next()).toMatchObject({ type: 'accept' });
    const answer = await first.wire.next();
    expect(answer).toMatchObject({ type: 'result', bytes: body.length });
    await cut(served, first);
    await put(held.memory, 'file', 'of another client');
    const second = await enter(port, codec, first.session);
    expect(await second.wire.ask({ id: 1, ...open, offset: 0 })).toEqual(answer);
    expect(await second.wire.ask({ id: 3, ...open })).toEqual({ ...answer, id: 3 });
    expect(held.calls).toEqual(['commit']);
    expect(await textAt(held.memory, 'file')).toBe('of another client');
  });

  it.each(bodies)('whose connection is lost in its commit is stored once (%s)', async (_size, body) => {
    const served = await serveHeld();
    const { held, port } = served;
    const commit = held.hold('commit');
    const first = await enter(port, codec);
    const open: Open = { op: 'upload', path: 'file', size: body.length, upload: ID, requestId: 1 };
    first.wire.send({ type: 'open', id: 1, ...open });
    if (body.length > 65_536) expect(await first.wire.next()).toMatchObject({ type: 'accept' });
    sendRest(first.wire, { id: 1, body: body });
    await commit.changed;
    const arrived = requests(served, 1);
    const second = await enter(port, codec, first.session);
    second.wire.send({ type: 'open', id: 1, ...open, offset: 0 });
    await arrived;
    await cut(served, first);
    await put(held.memory, 'file', 'of another client');
    commit.release();
    expect(await second.wire.next()).toMatchObject({ type: 'result', id: 1, bytes: body.length });
    expect(held.calls).toEqual(['commit']);
    expect(await textAt(held.memory, 'file')).toBe('of another client');
  });

  it('that was not complete continues, and takes over from a connection that is not known to be lost', async () => {
    const served = await serveHeld();
    const { held, port } = served;
    const first = await enter(port, codec);
    const open: Open = { op: 'upload', path: 'file', size: large.length, upload: ID, requestId: 1 };
    first.wire.send({ type: 'open', id: 1, ...open });
    expect(await first.wire.next()).toMatchObject({ type: 'accept' });
    first.wire.data(1, large.subarray(0, 65_536));
    const second = await enter(port, codec, first.session);
    const accept = await second.wire.ask({ id: 1, ...open, offset: 0 });
    expect(await first.wire.next()).toMatchObject({ type: 'error', code: 'ECANCELED' });
    expect(accept).toMatchObject({ type: 'accept', id: 1 });
    const offset = accept?.type === 'accept' ? accept.offset : undefined;
    sendRest(second.wire, { id: 1, body: large, offset });
    const answer = await second.wire.next();
    expect(answer).toMatchObject({ type: 'result', bytes: large.length });
    const third = await enter(port, codec, first.session);
    expect(await third.wire.ask({ id: 1, ...open, offset: 0 })).toEqual(answer);
    expect(held.calls).toEqual(['commit']);
  });

  it('of a new request starts again under the same id if the path has changed', async () => {
    const served = await serveHeld();
    const { held, port } = served;
    const { wire } = await enter(port, codec);
    const open: Open = { op: 'upload', path: 'file', size: large.length, upload: ID, requestId: 1 };
    wire.send({ type: 'open', id: 1, ...open });
    expect(await wire.next()).toMatchObject({ type: 'accept' });
    sendRest(wire, { id: 1, body: large });
    const answer = await wire.next();
    expect(await wire.ask({ id: 3, ...open, offset: 0, requestId: 2 })).toEqual({ ...answer, id: 3 });
    await put(held.memory, 'file', 'of another client');
    const accept = await wire.ask({ id: 5, ...open, offset: 0, requestId: 3 });
    expect(accept).toMatchObject({ type: 'accept', offset: 0 });
    sendRest(wire, { id: 5, body: large });
    expect(await wire.next()).toMatchObject({ type: 'result', id: 5 });
    expect(held.calls).toEqual(['commit', 'commit']);
  });

  it('with damaged bytes is stored by the next attempt', async () => {
    const served = await serveHeld();
    const { wire } = await enter(served.port, codec);
    const open: Open = { op: 'upload', path: 'file', size: small.length, requestId: 1 };
    wire.send({ type: 'open', id: 1, ...open });
    wire.data(1, Buffer.from('smell'));
    wire.send({ type: 'end', id: 1, size: small.length, checksum: checksumOf(small) });
    expect(await wire.next()).toMatchObject({ type: 'accept' });
    expect(await wire.next()).toMatchObject({ type: 'error', code: 'EBADMSG' });
    wire.send({ type: 'open', id: 3, ...open });
    sendRest(wire, { id: 3, body: small });
    expect(await wire.next()).toMatchObject({ type: 'accept', id: 3 });
    expect(await wire.next()).toMatchObject({ type: 'result', id: 3 });
  });

  it('that appends adds its bytes once', async () => {
    const served = await serveHeld();
    const first = await enter(served.port, codec);
    const open: Open = { op: 'upload', path: 'a', append: true, requestId: 1 };
    first.wire.send({ type: 'open', id: 1, ...open });
    sendRest(first.wire, { id: 1, body: small });
    expect(await first.wire.next()).toMatchObject({ type: 'accept' });
    const answer = await first.wire.next();
    expect(answer).toMatchObject({ type: 'result', size: 9 });
    await cut(served, first);
    const second = await enter(served.port, codec, first.session);
    second.wire.send({ type: 'open', id: 1, ...open });
    sendRest(second.wire, { id: 1, body: small });
    expect(await second.wire.next()).toEqual(answer);
    expect(await textAt(served.held.memory, 'a')).toBe('textsmall');
  });

  it('is not refused as not stored when the server has no memory left for its body', async () => {
    const served = await serveHeld({ limits: { maxBufferedBytesPerConnection: 100_000 } });
    const { held, port } = served;
    const { wire } = await enter(port, codec);
    const open: Open = { op: 'upload', path: 'file', size: small.length, requestId: 1 };
    wire.send({ type: 'open', id: 1, ...open });
    sendRest(wire, { id: 1, body: small });
    expect(await wire.next()).toMatchObject({ type: 'accept' });
    const answer = await wire.next();
    const commit = held.hold('commit');
    wire.send({ type: 'open', id: 3, ...open, path: 'other', requestId: 2 });
    sendRest(wire, { id: 3, body: small });
    expect(await wire.next()).toMatchObject({ type: 'accept' });
    await commit.changed;
    expect(await wire.ask({ id: 5, ...open })).toEqual({ ...answer, id: 5 });
    const unknown = await wire.ask({ id: 7, ...open, path: 'other', requestId: 2 });
    expect(unknown).toMatchObject({ type: 'error', code: 'ENOTRECOVERABLE' });
    const refused = await wire.ask({ id: 9, ...open, path: 'third', requestId: 3 });
    expect(refused).toMatchObject({ type: 'error', code: 'EAGAIN' });
    commit.release();
    expect(await wire.next()).toMatchObject({ type: 'result', id: 3 });
    expect(held.calls).toEqual(['commit', 'commit']);
  });
});

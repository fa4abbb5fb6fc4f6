/** Changes that a client asks for again after the loss of its connection, over a real socket in every codec. */
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { MemoryStorage, parseRemotePath, TransferError } from '../../../src/index.js';
import { Exchange } from '../../../src/server/request/exchange.js';
import { offeredFeatures } from '../../../src/protocol/handshake/features.js';
import { codecNames, FrameWire } from '../../support/frames/frame-wire.js';
import { serve } from '../../support/servers/serve.js';
import { cut, enter, requests, serveHeld, type Open } from './session-wire.js';

type Kind = 'mkdir' | 'remove' | 'rename' | 'copy' | 'utimes' | 'chmod';

const changes: [Kind, Open][] = [
  ['mkdir', { op: 'mkdir', path: 'new' }],
  ['remove', { op: 'remove', path: 'tree', recursive: true }],
  ['rename', { op: 'rename', path: 'a', to: 'b' }],
  ['copy', { op: 'copy', path: 'a', to: 'b' }],
  ['utimes', { op: 'utimes', path: 'a', mtime: 1_000 }],
  ['chmod', { op: 'chmod', path: 'a', mode: 0o600 }],
];

describe.each(codecNames)('a change in a session (%s)', (codec) => {
  it.each(changes)('%s is made once, and its answer given again', async (kind, open) => {
    const served = await serveHeld();
    const first = await enter(served.port, codec);
    const answer = await first.wire.ask({ id: 1, ...open, requestId: 1 });
    expect(answer).toMatchObject({ type: 'result', id: 1 });
    await cut(served, first);
    const second = await enter(served.port, codec, first.session);
    expect(second.session).toBe(first.session);
    const again = await second.wire.ask({ id: 3, ...open, requestId: 1 });
    expect(again).toEqual({ ...answer, id: 3 });
    expect(served.held.calls).toEqual([kind]);
  });

  it.each(changes)('%s that failed fails again with the same error', async (_kind, open) => {
    const storage = new MemoryStorage();
    const { port } = await serve({ storage });
    const failing = { ...open, path: 'missing/a', requestId: 7 };
    const first = await enter(port, codec);
    const answer = await first.wire.ask({ id: 1, ...failing });
    expect(answer).toMatchObject({ type: 'error', code: 'ENOENT' });
    first.wire.cut();
    await storage.mkdir(parseRemotePath('missing'), { recursive: false });
    const second = await enter(port, codec, first.session);
    expect(await second.wire.ask({ id: 1, ...failing })).toEqual(answer);
  });

  it.each(changes)('%s that is under way is not made again: its end is the answer', async (kind, open) => {
    const served = await serveHeld();
    const { held, port } = served;
    const call = held.hold(kind);
    const first = await enter(port, codec);
    first.wire.send({ type: 'open', id: 1, ...open, requestId: 1 });
    await call.changed;
    await cut(served, first);
    const waiting = requests(served, 2);
    const second = await enter(port, codec, first.session);
    for (const id of [1, 3]) second.wire.send({ type: 'open', id, ...open, requestId: 1 });
    await waiting;
    call.release();
    for (const id of [1, 3]) expect(await second.wire.next()).toMatchObject({ type: 'result', id });
    expect(held.calls).toEqual([kind]);
  });

  it.each([
    ['its end, if that comes in time', undefined, { type: 'result' }],
    ['ESHUTDOWN, if it was not made', new TransferError('EBUSY'), { type: 'error', code: 'ESHUTDOWN' }],
  ])('that is under way when the server closes is answered with %s', async (_, failure, expected) => {
    const served = await serveHeld();
    const { held, port, server } = served;
    const open = { op: 'mkdir', path: 'new', requestId: 1 };
    const call = held.hold('mkdir');
    const first = await enter(port, codec);
    first.wire.send({ type: 'open', id: 1, ...open });
    await call.changed;
    await cut(served, first);
    const waiting = requests(served, 1);
    const { wire } = await enter(port, codec, first.session);
    wire.send({ type: 'open', id: 1, ...open });
    await waiting;
    const interrupt = vi.spyOn(Exchange.prototype, 'interrupt');
    onTestFinished(() => interrupt.mockRestore());
    const closed = server.close({ graceMs: 1 });
    expect(await wire.next()).toMatchObject({ type: 'goaway' });
    await vi.waitUntil(() => interrupt.mock.calls.length > 0);
    call.release(failure);
    expect(await wire.next()).toMatchObject({ id: 1, ...expected });
    expect(held.calls).toEqual(['mkdir']);
    wire.cut();
    await closed;
  });

  it('that failed in a way worth a retry is made by the next attempt', async () => {
    const served = await serveHeld();
    served.held.failOnce('mkdir', new TransferError('EBUSY'));
    const { wire } = await enter(served.port, codec);
    const open = { op: 'mkdir', path: 'new', requestId: 1 };
    expect(await wire.ask({ id: 1, ...open })).toMatchObject({ type: 'error', code: 'EBUSY' });
    expect(await wire.ask({ id: 3, ...open })).toMatchObject({ type: 'result' });
    expect(await wire.ask({ id: 5, ...open })).toMatchObject({ type: 'result' });
    expect(served.held.calls).toEqual(['mkdir', 'mkdir']);
  });

  it('whose outcome the storage does not know is ENOTRECOVERABLE when it is asked for again', async () => {
    const served = await serveHeld();
    const unknown = new TransferError('ECONNRESET', undefined, { outcomeUnknown: true });
    const call = served.held.hold('mkdir');
    const { wire } = await enter(served.port, codec);
    const open = { op: 'mkdir', path: 'new', requestId: 1 };
    wire.send({ type: 'open', id: 1, ...open });
    await call.changed;
    call.release(unknown);
    expect(await wire.next()).toMatchObject({ type: 'error', code: 'ECONNRESET' });
    const again = await wire.ask({ id: 3, ...open });
    expect(again).toMatchObject({ type: 'error', code: 'ENOTRECOVERABLE', retryable: false });
    expect(served.held.calls).toEqual(['mkdir']);
  });

  it('that the client has cancelled is not made later', async () => {
    const served = await serveHeld({ strategy: 'blocking' });
    const call = served.held.hold('copy');
    const { wire } = await enter(served.port, codec);
    wire.send({ type: 'open', id: 1, op: 'copy', path: 'a', to: 'b', requestId: 1 });
    await call.changed;
    const open = { op: 'mkdir', path: 'new', requestId: 2 };
    wire.send({ type: 'open', id: 3, ...open }, { type: 'cancel', id: 3 });
    expect(await wire.next()).toMatchObject({ type: 'error', id: 3, code: 'ECANCELED' });
    call.release();
    expect(await wire.next()).toMatchObject({ type: 'result', id: 1 });
    expect(await wire.ask({ id: 5, ...open })).toMatchObject({ type: 'error', code: 'ECANCELED' });
    expect(served.held.calls).toEqual(['copy']);
  });

  it('that was lost while it waited for its turn is made by the next attempt', async () => {
    const served = await serveHeld({ strategy: 'blocking' });
    const call = served.held.hold('copy');
    const other = await enter(served.port, codec);
    other.wire.send({ type: 'open', id: 1, op: 'copy', path: 'a', to: 'b' });
    await call.changed;
    const first = await enter(served.port, codec);
    const open = { op: 'mkdir', path: 'new', requestId: 1 };
    const arrived = requests(served, 1);
    first.wire.send({ type: 'open', id: 1, ...open });
    await arrived;
    await cut(served, first);
    const second = await enter(served.port, codec, first.session);
    second.wire.send({ type: 'open', id: 1, ...open });
    call.release();
    expect(await second.wire.next()).toMatchObject({ type: 'result', id: 1 });
    expect(served.held.calls).toEqual(['copy', 'mkdir']);
  });

  it('with another operation or path is EINVAL, and changes nothing of the answer', async () => {
    const served = await serveHeld();
    const { wire } = await enter(served.port, codec);
    const open = { op: 'rename', path: 'a', to: 'b', requestId: 1 };
    const answer = await wire.ask({ id: 1, ...open });
    let id = 1;
    for (const other of [{ op: 'copy' }, { path: 'b' }, { to: 'c' }, { op: 'remove', to: undefined }]) {
      const refused = await wire.ask({ id: (id += 2), ...open, ...other });
      expect(refused).toMatchObject({ type: 'error', code: 'EINVAL', retryable: false });
    }
    expect(await wire.ask({ id: 99, ...open })).toEqual({ ...answer, id: 99 });
    expect(served.held.calls).toEqual(['rename']);
  });

  it('is EINVAL when the client has confirmed its answer, and is not made', async () => {
    const served = await serveHeld();
    const { wire } = await enter(served.port, codec);
    const open = { op: 'mkdir', path: 'x' };
    expect(await wire.ask({ id: 1, ...open, requestId: 5 })).toMatchObject({ type: 'result' });
    const next = await wire.ask({ id: 3, op: 'mkdir', path: 'y', requestId: 6, settledBelow: 6 });
    expect(next).toMatchObject({ type: 'result' });
    expect(served.server.stats().rememberedAnswers).toBe(1);
    for (const requestId of [4, 5]) {
      const late = await wire.ask({ id: 5 + 2 * (requestId - 4), ...open, path: 'z', requestId });
      expect(late).toMatchObject({ type: 'error', code: 'EINVAL' });
    }
    expect(served.held.calls).toEqual(['mkdir', 'mkdir']);
  });

  it('with an impossible number is EINVAL, and is not made', async () => {
    const served = await serveHeld();
    const { wire } = await enter(served.port, codec);
    const impossible = [
      { requestId: 0 },
      { requestId: 1, settledBelow: 2 },
      { requestId: 0, settledBelow: 0 },
    ];
    for (const [index, numbers] of impossible.entries()) {
      const refused = await wire.ask({ id: 2 * index + 1, op: 'mkdir', path: 'new', ...numbers });
      expect(refused).toMatchObject({ type: 'error', code: 'EINVAL' });
    }
    expect(served.held.calls).toEqual([]);
    const last = { op: 'mkdir', path: 'last', requestId: Number.MAX_SAFE_INTEGER };
    const answer = await wire.ask({ id: 11, ...last });
    expect(answer).toMatchObject({ type: 'result' });
    expect(await wire.ask({ id: 13, ...last })).toEqual({ ...answer, id: 13 });
    expect(await wire.ask({ id: 15, op: 'mkdir', path: 'first', requestId: 1 })).toMatchObject({
      type: 'result',
    });
  });

  it('whose answer was forgotten is ENOTRECOVERABLE, and is not made again', async () => {
    const served = await serveHeld({ sessions: { maxAnswers: 2 } });
    const { wire } = await enter(served.port, codec);
    for (const requestId of [1, 2, 3]) {
      await wire.ask({ id: 2 * requestId - 1, op: 'mkdir', path: `${requestId}`, requestId });
    }
    const forgotten = await wire.ask({ id: 7, op: 'mkdir', path: '1', requestId: 1 });
    expect(forgotten).toMatchObject({ type: 'error', code: 'ENOTRECOVERABLE', retryable: false });
    const known = await wire.ask({ id: 9, op: 'mkdir', path: '2', requestId: 2 });
    expect(known).toMatchObject({ type: 'result' });
    expect(served.held.calls).toHaveLength(3);
  });

  it('is made twice by two sessions', async () => {
    const served = await serveHeld();
    const open = { op: 'mkdir', path: 'new', requestId: 1 };
    const first = await enter(served.port, codec);
    expect(await first.wire.ask({ id: 1, ...open })).toMatchObject({ type: 'result' });
    const second = await enter(served.port, codec, '0'.repeat(32));
    expect(second.session).not.toBe('0'.repeat(32));
    expect(await second.wire.ask({ id: 1, ...open })).toMatchObject({ type: 'error', code: 'EEXIST' });
  });

  it('is made once for two connections of a session, in any order of their numbers', async () => {
    const served = await serveHeld();
    const first = await enter(served.port, codec);
    const second = await enter(served.port, codec, first.session);
    expect(await first.wire.ask({ id: 1, op: 'mkdir', path: 'x', requestId: 2 })).toMatchObject({
      type: 'result',
    });
    expect(await second.wire.ask({ id: 1, op: 'mkdir', path: 'y', requestId: 1 })).toMatchObject({
      type: 'result',
    });
    expect(await second.wire.ask({ id: 3, op: 'mkdir', path: 'x', requestId: 2 })).toMatchObject({
      type: 'result',
    });
    expect(served.held.calls).toEqual(['mkdir', 'mkdir']);
  });
});

describe('a session', () => {
  it('is given only to clients that know sessions', async () => {
    const { port } = await serve({ storage: new MemoryStorage() });
    const { welcome } = await FrameWire.open(port, 'text');
    expect(welcome).not.toHaveProperty('session');
    expect(welcome).not.toHaveProperty('features');
    const named = await FrameWire.open(port, 'text', { features: '' });
    expect(named.welcome.features).toBe(offeredFeatures(false));
    expect(named.welcome).not.toHaveProperty('session');
    const known = await FrameWire.open(port, 'text', { features: 'x-other,session' });
    expect(known.welcome.session).toMatch(/^[0-9a-f]{32}$/);
  });

  it.each(codecNames)('is needed for a requestId (%s)', async (codec) => {
    const served = await serveHeld();
    const { wire } = await FrameWire.open(served.port, codec);
    const refused = await wire.ask({ id: 1, op: 'mkdir', path: 'new', requestId: 1 });
    expect(refused).toMatchObject({ type: 'error', code: 'EINVAL' });
    expect(await wire.ask({ id: 3, op: 'stat', path: 'a', requestId: 1 })).toMatchObject({ type: 'result' });
    expect(served.held.calls).toEqual([]);
  });

  it('is continued only by its identity', async () => {
    const served = await serveHeld({
      authenticate: ({ user }) => (user === undefined ? false : { name: user }),
    });
    const welcomed = async (user: string, session?: string) => {
      const hello = { features: 'session', session, user, password: 'password' };
      return (await FrameWire.open(served.port, 'text', hello)).welcome.session;
    };
    const session = await welcomed('ann');
    expect(await welcomed('bob', session)).not.toBe(session);
    expect(await welcomed('ann', session)).toBe(session);
  });
});

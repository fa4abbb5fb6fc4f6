import { once } from 'node:events';
import { Duplex, duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { builtinCodecs } from '../../../src/codecs/builtin.js';
import { TransferError } from '../../../src/errors.js';
import { ClientSession } from '../../../src/session/client-session.js';
import { Endpoint } from '../../../src/session/transport/endpoint.js';
import { Transport } from '../../../src/session/transport/transport.js';
import { settings } from '../../support/doubles/sessions.js';

/** A transport of a client's endpoint, and how often it has told that it is closed. */
function transportOf() {
  const endpoint = new Endpoint(new ClientSession(builtinCodecs.text, settings, {}));
  const place = { endpoint, closed: 0 };
  const transport = new Transport(endpoint, { stallMs: 1_000, onClose: () => (place.closed += 1) });
  return Object.assign(place, { transport });
}

describe('Transport', () => {
  it('is handshaking from hold() to attach(), and sends nothing before that', async () => {
    const { transport } = transportOf();
    const [near, far] = duplexPair();
    expect(transport.isHandshaking).toBe(false);
    transport.hold(near);
    expect(transport.isHandshaking).toBe(true);
    expect(near.listenerCount('data')).toBe(0);
    transport.attach(near);
    expect(transport.isHandshaking).toBe(false);
    const [greeting] = (await once(far, 'data')) as [Buffer];
    expect(String(greeting)).toMatch(/^hello version=1 /);
  });

  it('destroys a held duplex with the endpoint, and calls onClose once when both are closed', async () => {
    const place = transportOf();
    let closeDuplex: () => void = () => undefined;
    const near = new Duplex({
      read: () => undefined,
      destroy: (_, done) => (closeDuplex = () => done(null)),
    });
    place.transport.hold(near);
    place.endpoint.destroy(new TransferError('ETIMEDOUT'));
    await once(place.endpoint, 'close').catch(() => undefined);
    expect(near.destroyed).toBe(true);
    expect(place.closed).toBe(0);
    closeDuplex();
    await once(near, 'close');
    expect(place.closed).toBe(1);
  });

  it('calls onClose when the endpoint closes before it has a duplex, and destroys one that comes later', async () => {
    const place = transportOf();
    place.endpoint.destroy();
    await once(place.endpoint, 'close');
    expect(place.closed).toBe(1);
    const [held, attached] = duplexPair();
    place.transport.hold(held);
    place.transport.attach(attached);
    expect([held.destroyed, attached.destroyed]).toEqual([true, true]);
  });

  it('attached to a duplex that is destroyed already, destroys the endpoint with ECONNRESET', async () => {
    const { endpoint, transport } = transportOf();
    const [near] = duplexPair();
    near.destroy();
    const failed = once(endpoint, 'error') as Promise<[TransferError]>;
    transport.attach(near);
    expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' });
  });

  it('converts an error of the duplex to one of the endpoint, without an uncaught exception', async () => {
    const { endpoint, transport } = transportOf();
    const [near] = duplexPair();
    transport.attach(near);
    const failed = once(endpoint, 'error') as Promise<[TransferError]>;
    near.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
    expect((await failed)[0]).toMatchObject({
      code: 'ECONNRESET',
      reason: 'The connection failed: read ECONNRESET.',
    });
  });
});

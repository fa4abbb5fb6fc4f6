import { describe, expect, it } from 'vitest';
import { Bandwidths } from '../../../src/server/access/bandwidths.js';

const ann = { name: 'ann', bandwidth: { download: 1_000, upload: 2_000 } };

describe('bandwidths', () => {
  it('are unlimited by default', () => {
    const bandwidths = new Bandwidths({});
    const none = { sending: undefined, receiving: undefined };
    expect(bandwidths.ofServer).toEqual(none);
    expect(bandwidths.ofConnection()).toEqual(none);
    expect(bandwidths.enter({ name: 'ann' })).toEqual(none);
  });

  it('are one for all connections of the server, and one for each connection', () => {
    const bandwidths = new Bandwidths({ download: 10, connection: { upload: 20 } });
    expect(bandwidths.ofServer.sending?.bytesPerSecond).toBe(10);
    expect(bandwidths.ofServer.receiving).toBeUndefined();
    expect(bandwidths.ofConnection().receiving?.bytesPerSecond).toBe(20);
    expect(bandwidths.ofConnection().receiving).not.toBe(bandwidths.ofConnection().receiving);
  });

  it('are shared by the connections of an identity, and by no other identity', () => {
    const bandwidths = new Bandwidths({});
    const { sending, receiving } = bandwidths.enter(ann);
    const again = bandwidths.enter({ ...ann });
    expect(again.sending).toBe(sending);
    expect(again.receiving).toBe(receiving);
    expect(bandwidths.enter({ ...ann, name: 'bob' }).sending).not.toBe(sending);
  });

  it('stay until all bytes are accounted for, even after every connection has closed, and not longer', () => {
    const bandwidths = new Bandwidths({});
    const { sending } = bandwidths.enter(ann);
    sending?.consume(1_000_000, performance.now());
    bandwidths.leave(ann);
    expect(bandwidths.enter(ann).sending).toBe(sending);
    bandwidths.enter(ann);
    if (sending) sending.paidAt = 0;
    bandwidths.leave(ann);
    expect(bandwidths.enter(ann).sending).toBe(sending);
    bandwidths.leave(ann);
    bandwidths.leave(ann);
    expect(bandwidths.enter(ann).sending).not.toBe(sending);
  });

  it('stay while there is a connection, even if it once was the last to close', () => {
    const bandwidths = new Bandwidths({});
    const { sending } = bandwidths.enter(ann);
    sending?.consume(1_000_000, performance.now());
    bandwidths.leave(ann);
    bandwidths.enter(ann);
    if (sending) sending.paidAt = 0;
    bandwidths.enter({ name: 'bob' });
    bandwidths.leave({ name: 'bob' });
    expect(bandwidths.enter(ann).sending).toBe(sending);
  });

  it('have the rate of the last login', () => {
    const bandwidths = new Bandwidths({});
    const { sending } = bandwidths.enter(ann);
    const { sending: changed, receiving } = bandwidths.enter({ name: 'ann', bandwidth: { download: 5 } });
    expect(changed).toBe(sending);
    expect(sending?.bytesPerSecond).toBe(5);
    expect(receiving).toBeUndefined();
  });
});

/** A server and a client remember how fast the paths between them were. */
import { afterEach, expect, it, vi } from 'vitest';
import { MemoryStorage } from '../../../src/index.js';
import { PeersMemory } from '../../../src/udp-path/peers-memory.js';
import { bytesOf } from '../../support/bytes.js';
import { serve } from '../../support/servers/serve.js';

const bytes = bytesOf(5_000_000);

afterEach(() => {
  vi.restoreAllMocks();
});

it.each(['download', 'upload'])(
  'the sender of %s remembers the path when its connection ends',
  async (direction) => {
    const remember = vi.spyOn(PeersMemory.prototype, 'remember');
    const storage = new MemoryStorage();
    const { connect } = await serve({ storage, udp: true });
    await connect().writeFile('a', bytes);
    // So slow that the rate can be measured.
    const client = connect({ transport: 'udp', udp: { maxRate: 20e6 } });
    if (direction === 'download') await client.readFile('a');
    else await client.writeFile('b', bytes);
    expect(remember).not.toHaveBeenCalled();
    client.destroy();
    await vi.waitFor(() => expect(remember).toHaveBeenCalled());
    expect(remember.mock.calls).toEqual([
      ['127.0.0.1', { bandwidth: expect.any(Number), isLowerBound: false, rttUs: expect.any(Number) }],
    ]);
    expect(remember.mock.calls[0]?.[1].bandwidth).toBeGreaterThan(1e6);
  },
);

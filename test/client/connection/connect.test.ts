import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { FileClient } from '../../../src/index.js';

describe('connect() to a port that refuses the connection', () => {
  it('fails with the code of the system, after the call has returned', async () => {
    // Not every environment has TCP.
    const client = new FileClient({ host: '255.255.255.255', port: 9 });
    const download = client.download('a');
    expect(download.destroyed).toBe(false);
    await expect(once(download, 'end')).rejects.toMatchObject({ code: 'ENETUNREACH' });
    expect(client.state).toMatchObject({ status: 'disconnected', error: { code: 'ENETUNREACH' } });
  });
});

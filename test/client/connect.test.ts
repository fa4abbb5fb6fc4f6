/** How a client comes to a connection: to an IP address at once. */
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { FileClient } from '../../src/index.js';
import { serveFiles } from '../support/serve.js';

/** Connections that are being made by this process. */
function connecting(): number {
  return process.getActiveResourcesInfo().filter((name) => name.endsWith('ConnectWrap')).length;
}

describe('a connection to an IP address', () => {
  it('is begun before the call that needs it is over', async () => {
    const { connect } = await serveFiles({ a: 'A' });
    const client = connect();
    expect(connecting()).toBe(0);
    const reading = client.readFile('a');
    expect(connecting()).toBe(1);
    expect(String(await reading)).toBe('A');
  });

  it('that the system refuses at once fails as it says, and not before the call is over', async () => {
    // There is no TCP to everybody.
    const client = new FileClient({ host: '255.255.255.255', port: 9 });
    const download = client.download('a');
    expect(download.destroyed).toBe(false);
    await expect(once(download, 'end')).rejects.toMatchObject({ code: 'ENETUNREACH' });
    expect(client.state).toMatchObject({ name: 'disconnected', error: { code: 'ENETUNREACH' } });
  });
});

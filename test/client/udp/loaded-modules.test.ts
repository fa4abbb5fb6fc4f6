/** The modules of UDP are loaded before the first request needs them, and only by programs that ask for UDP. */
import { expect, it, vi } from 'vitest';
import { FileServer, MemoryStorage } from '../../../src/index.js';
import { serve } from '../../support/servers/serve.js';

const loaded = vi.hoisted(() => new Set<string>());

vi.mock('../../../src/udp-path/server-path.js', async (original) => {
  loaded.add('server');
  return original();
});

vi.mock('../../../src/udp-path/client-path.js', async (original) => {
  loaded.add('client');
  return original();
});

// In this order: a module is loaded once.
it('a server and a client without UDP load none of them', async () => {
  const { connect } = await serve({ storage: new MemoryStorage() });
  await connect().writeFile('a', 'a');
  expect([...loaded]).toEqual([]);
});

it('a server that offers UDP loads them before it has a client', async () => {
  const server = new FileServer({ udp: true });
  await vi.waitFor(() => expect([...loaded]).toEqual(['server']));
  await server.close();
});

it.each(['udp', 'auto'] as const)(
  'a client with the transport %s loads them while it connects',
  async (transport) => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    await connect({ transport }).connect();
    await vi.waitFor(() => expect(loaded).toContain('client'));
  },
);

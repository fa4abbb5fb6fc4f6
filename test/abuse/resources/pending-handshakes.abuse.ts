/** Silent connections: they take no place from connections that send requests. */
import { expect, it } from 'vitest';
import {
  DEFAULT_MAX_CONNECTIONS_PER_ADDRESS,
  DEFAULT_MAX_PENDING_HANDSHAKES,
  HANDSHAKE_TIMEOUT_MS,
  CONNECT_TIMEOUT_MS,
} from '../../../src/protocol/limits.js';
import { reportNumbers } from '../../faults/numbers.js';
import { Mob } from './mob.js';
import { Scene } from './scene.js';
import { boundMs, sized } from './size.js';

/** All must come before the first is over time, on a machine that a short run may share, too. */
const CONNECTIONS = sized(2_000, 5_000);
const PER_ADDRESS = 50;

it(`the server closes ${CONNECTIONS} silent connections from many addresses`, async (context) => {
  const scene = await Scene.open();
  const client = await scene.client();
  const before = await scene.look();
  const arrivals: number[] = [];
  let coming = true;
  const good = (async () => {
    while (coming) arrivals.push(await client.ask('arrive', undefined));
  })();
  const mob = await Mob.gather({
    port: scene.port,
    count: CONNECTIONS,
    perAddress: PER_ADDRESS,
    reads: true,
  });
  for (let more = 0; more < 20; more += 1) arrivals.push(await client.ask('arrive', undefined));
  coming = false;
  await good;
  while (mob.open > DEFAULT_MAX_PENDING_HANDSHAKES) await scene.look();
  const leftOf = Array.from({ length: CONNECTIONS / PER_ADDRESS }, (_, address) => {
    const ofAddress = mob.sockets.slice(address * PER_ADDRESS, (address + 1) * PER_ADDRESS);
    return ofAddress.filter((__, number) => mob.isOpen(address * PER_ADDRESS + number)).length;
  });
  const start = performance.now();
  while (mob.open > 0) await scene.look();
  const allGoneMs = performance.now() - start;
  const { errors } = await scene.server.ask('stats', undefined);
  const left = await scene.returnsTo(before);
  reportNumbers(context, {
    'good clients that came meanwhile': arrivals.length,
    'ms until the slowest was answered': Math.round(Math.max(...arrivals)),
    'dropped to make room': errors['EAGAIN'] ?? 0,
    'dropped when their time was over': errors['ETIMEDOUT'] ?? 0,
    'ms until all were gone': Math.round(allGoneMs),
    'bytes left': left,
  });
  expect(Math.max(...arrivals)).toBeLessThan(boundMs(CONNECT_TIMEOUT_MS / 2));
  // The good clients have been unwelcomed for a moment, too.
  const dropped = errors['EAGAIN'] ?? 0;
  expect(dropped).toBeGreaterThanOrEqual(CONNECTIONS - DEFAULT_MAX_PENDING_HANDSHAKES);
  expect(dropped).toBeLessThan(CONNECTIONS - DEFAULT_MAX_PENDING_HANDSHAKES + arrivals.length);
  // The address with the most connections makes room; other addresses keep theirs.
  expect(Math.max(...leftOf) - Math.min(...leftOf)).toBeLessThanOrEqual(2);
  expect(allGoneMs).toBeLessThan(HANDSHAKE_TIMEOUT_MS + boundMs(5_000));
});

it('the server refuses the connections of one address beyond its limit', async (context) => {
  const scene = await Scene.open();
  const client = await scene.client();
  const before = await scene.look();
  const count = 2 * DEFAULT_MAX_CONNECTIONS_PER_ADDRESS;
  const mob = await Mob.gather({
    port: scene.port,
    count,
    perAddress: count,
    reads: true,
    says: () => 'hello version=1\n',
  });
  while (mob.open > DEFAULT_MAX_CONNECTIONS_PER_ADDRESS) await scene.look();
  const arriveMs = await client.ask('arrive', undefined);
  const { connections, rejectedConnections } = (await scene.look()).stats;
  await mob.leave();
  const left = await scene.returnsTo(before);
  reportNumbers(context, {
    served: connections - before.stats.connections,
    refused: rejectedConnections,
    'ms for a client from another address': Math.round(arriveMs),
    'bytes left': left,
  });
  expect(connections - before.stats.connections).toBe(DEFAULT_MAX_CONNECTIONS_PER_ADDRESS);
  expect(rejectedConnections).toBe(count - DEFAULT_MAX_CONNECTIONS_PER_ADDRESS);
});

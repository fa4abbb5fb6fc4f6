import { expect, it } from 'vitest';
import { PeersMemory } from '../../src/udp-path/peers-memory.js';

const MINUTES = 60_000;

const SNAPSHOT = { bandwidth: 8e6, isLowerBound: false, rttUs: 40_000 };

function memory() {
  let nowMs = 0;
  return { peers: new PeersMemory(() => nowMs), pass: (ms: number) => (nowMs += ms) };
}

it('a path begins at half of the rate that the last one to the same host had', () => {
  const { peers } = memory();
  peers.remember('192.0.2.1', SNAPSHOT);
  expect(peers.initialRate('192.0.2.1', 40)).toBe(4e6);
  expect(peers.initialRate('192.0.2.2', 40)).toBeUndefined();
});

it('a measurement is forgotten after 10 minutes', () => {
  const { peers, pass } = memory();
  peers.remember('192.0.2.1', SNAPSHOT);
  pass(10 * MINUTES - 1);
  expect(peers.initialRate('192.0.2.1', 40)).toBe(4e6);
  pass(1);
  expect(peers.initialRate('192.0.2.1', 40)).toBeUndefined();
});

it('a host that datagrams do not reach is not tried for 10 minutes', () => {
  const { peers, pass } = memory();
  peers.block('192.0.2.1', 'No answer.');
  expect(peers.blockedReason('192.0.2.1')).toBe('No answer.');
  pass(10 * MINUTES);
  expect(peers.blockedReason('192.0.2.1')).toBeUndefined();
});

it('a path that works is no longer blocked', () => {
  const { peers } = memory();
  peers.block('192.0.2.1', 'No answer.');
  peers.remember('192.0.2.1', SNAPSHOT);
  expect(peers.blockedReason('192.0.2.1')).toBeUndefined();
});

it('at most 256 hosts are remembered, those that were used last', () => {
  const { peers } = memory();
  peers.block('first', 'No answer.');
  peers.block('second', 'No answer.');
  for (let host = 0; host < 254; host += 1) peers.block(`${host}`, 'No answer.');
  expect(peers.blockedReason('first')).toBeDefined();
  peers.block('another', 'No answer.');
  expect(peers.blockedReason('first')).toBeDefined();
  expect(peers.blockedReason('second')).toBeUndefined();
});

it('a short transfer does not lower the rate that a longer one has found', () => {
  const { peers } = memory();
  const { initialRate, remember } = peers.of('192.0.2.1');
  remember(SNAPSHOT);
  remember({ ...SNAPSHOT, bandwidth: 1e6, isLowerBound: true });
  expect(initialRate(40)).toBe(4e6);
  remember({ ...SNAPSHOT, bandwidth: 10e6, isLowerBound: true });
  expect(initialRate(40)).toBe(5e6);
  remember({ ...SNAPSHOT, bandwidth: 2e6 });
  expect(initialRate(40)).toBe(1e6);
});

it('a path with another round trip is another one', () => {
  const { peers } = memory();
  peers.remember('192.0.2.1', SNAPSHOT);
  expect(peers.initialRate('192.0.2.1', 19)).toBeUndefined();
  expect(peers.initialRate('192.0.2.1', 21)).toBe(4e6);
  expect(peers.initialRate('192.0.2.1', 79)).toBe(4e6);
  expect(peers.initialRate('192.0.2.1', 81)).toBeUndefined();
});

it('a short round trip may differ by a few milliseconds', () => {
  const { peers } = memory();
  peers.remember('192.0.2.1', { ...SNAPSHOT, rttUs: 500 });
  expect(peers.initialRate('192.0.2.1', 8)).toBe(4e6);
  expect(peers.initialRate('192.0.2.1', 20)).toBeUndefined();
});

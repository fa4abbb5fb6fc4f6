import { expect, it } from 'vitest';
import { HelloAnswers } from '../../../src/udp-path/handshake/hello-answers.js';

const CLIENT = { address: '192.0.2.1', port: 4_000 };

it.each([
  ['one answer', [0], 200],
  ['the first of several answers', [0, 133, 190], 200],
  ['the first answer of a later handshake', [0, 60_000, 60_133], 60_200],
])('measures the round trip from %s', (_, helloMs, confirmedMs) => {
  let now = 0;
  const answers = new HelloAnswers({
    peerAddress: CLIENT.address,
    allowsOtherAddresses: false,
    maxDatagram: 1_472,
    now: () => now,
  });
  let token: number | undefined;
  for (const [number, ms] of helloMs.entries()) {
    now = ms;
    token = answers.onHello(number, 1_200, CLIENT);
  }
  now = confirmedMs;
  expect(answers.confirm({ token: token ?? 0, size: 1_200 })).toEqual({ source: CLIENT, rttMs: 200 });
});

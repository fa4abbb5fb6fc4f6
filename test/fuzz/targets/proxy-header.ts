/** The header of a proxy, from an address that the server believes. */
import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import type { ProxyHeader } from '../../../src/server/connection/proxy-protocol/header.js';
import { MAX_PROXY_HEADER_BYTES } from '../../../src/server/connection/proxy-protocol/header.js';
import { parseProxyHeader } from '../../../src/server/connection/proxy-protocol/parse-proxy-header.js';
import { TransferError } from '../../../src/errors.js';
import type { Random } from '../../faults/fixtures/random.js';
import { extension, ipv4, ipv6, SIGNATURE, version1, version2 } from '../../support/frames/proxy-headers.js';
import { mutated } from '../inputs/mutation.js';
import { timed, type Outcome, type Target } from '../target.js';

export const proxyHeaderTarget: Target = { name: 'proxy-header', inputs: 100_000, make, run };

const HEADERS = [
  version1('TCP4 203.0.113.7 192.0.2.1 56324 2121'),
  version1('TCP6 2001:db8::7 ::1 1 65535'),
  version1('UNKNOWN'),
  version1(`UNKNOWN ${'x'.repeat(80)}`),
  version2({ addresses: ipv4('203.0.113.7', 1) }),
  version2({ family: 0x21, addresses: ipv6('20010db8000000000000000000000007', 1) }),
  version2({ family: 0x31, addresses: Buffer.alloc(216) }),
  version2({ command: 0x20, family: 0 }),
  version2({ addresses: ipv4('203.0.113.7', 1), extensions: extension(0x04, Buffer.alloc(500)) }),
];

const WORDS = [
  'PROXY ',
  'TCP4',
  'TCP6',
  'UNKNOWN',
  ' ',
  '\r\n',
  '::',
  '%',
  '255',
  '0',
  '\0',
  'hello version=1\n',
]
  .map((word) => Buffer.from(word))
  .concat(SIGNATURE, Buffer.from([0x21, 0x11]), Buffer.from([0x20]));

function make(random: Random): Buffer {
  const bytes = Buffer.concat([random.pick(HEADERS), Buffer.from('hello version=1\n')]);
  return mutated(bytes, random, WORDS);
}

function run(input: Buffer): Outcome {
  const { value: result, ms } = timed(() => outcomeOf(input));
  assertSteady(input, result);
  if (result instanceof TransferError) return { verdict: result.code, ms };
  if (!result) return { verdict: 'open', ms };
  assert.ok(result.length <= Math.min(input.length, MAX_PROXY_HEADER_BYTES));
  const { source } = result;
  if (source) {
    assert.notEqual(isIP(source.address), 0, `${source.address} is no address`);
    assert.ok(Number.isInteger(source.port) && source.port >= 0 && source.port <= 65_535);
  }
  return { verdict: 'accepted', ms };
}

function outcomeOf(bytes: Buffer): ProxyHeader | TransferError | undefined {
  try {
    return parseProxyHeader(bytes);
  } catch (thrown) {
    assert.ok(thrown instanceof TransferError && thrown.code === 'EPROTO');
    return thrown;
  }
}

/** A verdict comes within the bound, and never changes with more bytes. */
function assertSteady(input: Buffer, result: ProxyHeader | TransferError | undefined): void {
  const most = Math.min(input.length, MAX_PROXY_HEADER_BYTES);
  let length = 0;
  while (length < most && !outcomeOf(input.subarray(0, length))) length += 1;
  const verdict = outcomeOf(input.subarray(0, length));
  for (const more of [1, 2, 3, 16, 100]) {
    const next = outcomeOf(input.subarray(0, length + more));
    if (verdict) assert.deepEqual(textOf(next), textOf(verdict), 'a verdict changes with more bytes');
  }
  assert.deepEqual(textOf(result), textOf(verdict));
  if (input.length >= MAX_PROXY_HEADER_BYTES) assert.ok(result, 'a header has no end');
}

function textOf(result: ProxyHeader | TransferError | undefined): unknown {
  return result instanceof TransferError ? result.message : result;
}

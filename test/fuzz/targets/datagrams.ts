/** Datagrams and the gaps of receiver reports, from a peer that sends any bytes. */
import assert from 'node:assert/strict';
import { TransferError } from '../../../src/errors.js';
import { formatGaps, parseGaps } from '../../../src/session/path/gaps.js';
import { TokenSeal } from '../../../src/udp-path/sealing/token-seal.js';
import {
  datagramTypes,
  emptyHeader,
  HEADER_BYTES,
  parseDatagram,
  writeDatagramHeader,
} from '../../../src/udp/datagram.js';
import { MAX_REPORTED_GAPS } from '../../../src/udp/report.js';
import type { Random } from '../../faults/fixtures/random.js';
import { mutated } from '../inputs/mutation.js';
import { timed, type Outcome, type Target } from '../target.js';

export const datagramsTarget: Target = { name: 'datagrams', inputs: 100_000, make, run };

const TOKEN = Buffer.from('0011223344556677', 'hex');
const seal = new TokenSeal(TOKEN);
const WORDS = ['0', '1', '+', ' ', '+2', '9007199254740991', '01'].map((word) => Buffer.from(word));
const EDGES = [Buffer.alloc(6, 255), Buffer.alloc(4, 255), Buffer.alloc(4), Buffer.from([1, 1]), TOKEN];

function make(random: Random): Buffer {
  if (random.integer(0, 3) === 0) return mutated(gapsOf(random), random, WORDS);
  const isData = random.integer(0, 2) > 0;
  const payload = Buffer.alloc(random.integer(1, 64), 7);
  const datagram = Buffer.alloc(HEADER_BYTES + TOKEN.length + payload.length);
  const type = isData ? datagramTypes.data : random.pick([datagramTypes.hello, datagramTypes.helloAck]);
  const place = isData
    ? { channelId: random.integer(1, 9), offset: random.integer(0, 2 ** 47) }
    : { channelId: 0, offset: 0 };
  const numbers = { connectionId: 5, packetNumber: random.integer(0, 1_000), sendTimeUs: 1 };
  writeDatagramHeader({ type, payloadLength: payload.length, ...numbers, ...place }, datagram);
  datagram.set(TOKEN, HEADER_BYTES);
  datagram.set(payload, HEADER_BYTES + TOKEN.length);
  return random.integer(0, 3) === 0 ? datagram : mutated(datagram, random, EDGES);
}

function gapsOf(random: Random): Buffer {
  const words = Array.from({ length: random.integer(1, 20) }, () => {
    const length = random.integer(1, 9);
    return length === 1 ? `${random.integer(0, 99)}` : `${random.integer(0, 99)}+${length}`;
  });
  return Buffer.from(words.join(' '));
}

function run(input: Buffer): Outcome {
  const { value: verdicts, ms } = timed(() => [datagramVerdict(input), gapsVerdict(input)]);
  const verdict = verdicts.includes('accepted') ? 'accepted' : (verdicts[0] ?? '');
  return { verdict, ms };
}

/** A datagram that is accepted has the payload that its header tells, and the same header when it is written again. */
function datagramVerdict(input: Buffer): string {
  const header = emptyHeader();
  if (!parseDatagram(input, seal.extraBytes, header)) return 'refused';
  assert.equal(input.length, HEADER_BYTES + TOKEN.length + header.payloadLength);
  const isData = header.type === datagramTypes.data;
  assert.equal(header.channelId > 0, isData);
  assert.ok(!isData || header.payloadLength > 0);
  assert.ok(header.offset + (isData ? header.payloadLength : 0) < 2 ** 48);
  const written = Buffer.alloc(HEADER_BYTES);
  writeDatagramHeader(header, written);
  assert.deepEqual(written, input.subarray(0, HEADER_BYTES));
  const payload = seal.open(input, header);
  const hasToken = input.subarray(HEADER_BYTES, HEADER_BYTES + TOKEN.length).equals(TOKEN);
  assert.equal(payload?.length, hasToken ? header.payloadLength : undefined);
  return hasToken ? 'accepted' : 'forged';
}

/** Gaps that are accepted are in order, and have no other text. */
function gapsVerdict(input: Buffer): string {
  const text = input.toString('latin1');
  try {
    const gaps = parseGaps(text);
    assert.ok(gaps.length > 0 && gaps.length <= MAX_REPORTED_GAPS);
    let end = 0;
    for (const [start, length] of gaps) {
      assert.ok(start >= end && length > 0 && Number.isSafeInteger(start + length));
      end = start + length;
    }
    assert.equal(formatGaps(gaps), text);
    return 'accepted';
  } catch (thrown) {
    if (thrown instanceof TransferError && thrown.code === 'EPROTO') return 'refused';
    throw thrown;
  }
}

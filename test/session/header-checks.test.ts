/** Damage to a header is found, whatever the notation, and costs the connection, not a file. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtinCodecs } from '../../src/codecs/builtin.js';
import { sampleFrames } from '../../src/contracts/codec/sample-frames.js';
import { frameCheck, isChecked, withCheck } from '../../src/protocol/frame-check.js';
import type { Frame, UnknownFrame } from '../../src/protocol/frames.js';
import { Pair, says } from '../support/sessions.js';
import { Recording } from '../../src/contracts/codec/recording.js';

const checked = sampleFrames.filter(isChecked);

describe('the check of a header', () => {
  it.each(['text', 'json', 'xml'] as const)('finds a flipped bit, wherever it is (%s)', (name) => {
    const codec = builtinCodecs[name];
    fc.assert(
      fc.property(fc.constantFrom(...checked), fc.nat(), (sample, at) => {
        const frame = withCheck(sample);
        const bytes = Buffer.from(codec.encode(frame));
        const bit = at % (bytes.length * 8);
        bytes[bit >> 3] = bytes[bit >> 3]! ^ (1 << (bit & 7));
        for (const { frame: read } of new Recording(codec).write(bytes).frames) {
          expect(isHarmless(read, frame), bytes.toString()).toBe(true);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('is that of a record which knows no notation', () => {
    // CRC-32 of `cancel`, LF, `id=3`, LF: the example of the specification.
    expect(frameCheck({ type: 'cancel', id: 3 })).toBe(1_919_851_616);
  });
});

/** Whether what was read is the frame itself, shows that it is damaged, or lacks the check that is demanded. */
function isHarmless(read: Frame | UnknownFrame, frame: Frame): boolean {
  if (!isChecked(read)) return true;
  if (read.check === undefined || read.check !== frameCheck(read)) return true;
  return JSON.stringify({ ...read }) === JSON.stringify({ ...frame });
}

describe('a server whose client checks its headers', () => {
  it('is never asked for what was damaged, and ends the connection', () => {
    const pair = new Pair();
    pair.exchange();
    pair.client.request({ op: 'remove', path: 'a' }, 'nothing', { onClose: () => undefined });
    const line = says(pair.client).join('\n') + '\n';
    expect(line).toContain('path=a ');
    pair.server.receive(Buffer.from(line.replace('path=a ', 'path=b ')));
    expect(pair.asked).toEqual([]);
    expect(pair.serverEnded?.error).toMatchObject({ code: 'EBADMSG', retryable: true });
  });

  it('takes a header without a check for a damaged one', () => {
    const pair = new Pair();
    pair.exchange();
    pair.server.receive(Buffer.from('open id=1 op=remove path=a\n'));
    expect(pair.asked).toEqual([]);
    expect(pair.serverEnded?.error).toMatchObject({ code: 'EBADMSG' });
  });

  it('puts checks into its own, which the client compares', () => {
    const pair = new Pair();
    pair.exchange();
    let outcome: unknown;
    const channel = pair.client.request({ op: 'stat', path: 'a' }, 'nothing', {
      onClose: (result) => (outcome = result),
    });
    pair.exchange();
    pair.asked[0]?.channel.finish({ path: 'a', kind: 'file', size: 1 });
    const line = says(pair.server).join('\n') + '\n';
    expect(line).toMatch(/^result id=1 .*size=1 check=\d+\n$/);
    pair.client.receive(Buffer.from(line.replace('size=1 ', 'size=9 ')));
    expect(outcome).toMatchObject({ code: 'EBADMSG', retryable: true });
    expect(channel.closed).toBe(true);
  });
});

describe('a server whose client does not', () => {
  it('sends none, and demands none, but compares one that is there', () => {
    const pair = new Pair();
    says(pair.client);
    pair.server.receive(Buffer.from('hello version=1\nopen id=1 op=stat\n'));
    expect(pair.asked).toHaveLength(1);
    expect(says(pair.server).join()).not.toContain('check=');
    pair.server.receive(Buffer.from('open id=3 op=stat check=1\n'));
    expect(pair.asked).toHaveLength(1);
    expect(pair.serverEnded?.error).toMatchObject({ code: 'EBADMSG' });
  });
});

describe('a client', () => {
  const silent = { onClose: () => undefined };

  it('demands no checks of a server that sends none in its welcome, but compares one that is there', () => {
    const pair = new Pair();
    const outcomes: unknown[] = [];
    for (const path of ['a', 'b']) {
      pair.client.request({ op: 'stat', path }, 'nothing', { onClose: (outcome) => outcomes.push(outcome) });
    }
    says(pair.client);
    pair.client.receive(Buffer.from('welcome version=1 maxFrame=65536 maxChannels=64\nresult id=1\n'));
    expect(outcomes).toMatchObject([{ type: 'result', id: 1 }]);
    pair.client.receive(Buffer.from('result id=3 check=1\n'));
    expect(outcomes[1]).toMatchObject({ code: 'EBADMSG' });
  });

  it('takes a terminal frame without the check for a damaged one, where welcome had it', () => {
    const pair = new Pair();
    pair.exchange();
    let outcome: unknown;
    pair.client.request({ op: 'stat' }, 'nothing', { onClose: (result) => (outcome = result) });
    pair.exchange();
    pair.client.receive(Buffer.from('error id=1 code=ENOENT\n'));
    expect(outcome).toMatchObject({ code: 'EBADMSG', retryable: true });
    expect(says(pair.client).at(-1)).toMatch(/^error code=EBADMSG .* check=\d+$/);
  });

  it('does not wait for ever for an answer whose type is damaged', () => {
    const pair = new Pair();
    pair.exchange();
    pair.client.request({ op: 'stat' }, 'nothing', silent);
    pair.exchange();
    pair.asked[0]?.channel.finish({});
    const line = says(pair.server).join('\n') + '\n';
    pair.client.receive(Buffer.from(line.replace('result', 'resulu')));
    expect(pair.clientEnded?.error).toMatchObject({ code: 'EBADMSG' });
  });

  it('puts no checks where the codec checks headers itself', () => {
    const pair = new Pair(builtinCodecs.binary);
    const bytes = Buffer.concat(pair.client.read(Infinity));
    const { frames } = new Recording(builtinCodecs.binary).write(bytes);
    expect(frames[0]?.frame).toMatchObject({ type: 'hello' });
    expect(frames[0]?.frame).not.toHaveProperty('check');
  });
});

describe('a header that cannot be read', () => {
  const damagedOpen = 'open id=1 op=stat pa\u007fh=a check=1\n';

  it('may be sent again over another connection, where both ends have shown that they check', () => {
    const pair = new Pair();
    pair.exchange();
    pair.server.receive(Buffer.from(damagedOpen));
    expect(pair.serverEnded?.error).toMatchObject({ code: 'EPROTO', retryable: true });
    expect(says(pair.server).at(-1)).toMatch(/^error code=EPROTO .* retryable=true check=\d+$/);
  });

  it('is a broken protocol otherwise', () => {
    const { server } = new Pair();
    server.receive(Buffer.from('hello version=1\n'));
    server.receive(Buffer.from(damagedOpen));
    expect(says(server).at(-1)).toMatch(/^error code=EPROTO .* retryable=false$/);
  });
});

it('refuses a hello with a wrong check, so that nobody speaks under terms that were damaged', () => {
  const { server, asked } = new Pair();
  server.receive(Buffer.from('hello version=1 keepAliveTimeout=45001 check=945316422\nopen id=1 op=stat\n'));
  expect(says(server)).toEqual([expect.stringMatching(/^error code=EBADMSG .* retryable=true$/)]);
  expect(asked).toEqual([]);
});

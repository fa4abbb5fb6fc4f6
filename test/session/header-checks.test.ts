/** Damage to a header is found, whatever the notation, and costs the connection, not a file. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtinCodecs } from '../../src/codecs/builtin.js';
import { sampleFrames } from '../../src/contracts/codec/sample-frames.js';
import { frameCheck, isChecked, withCheck } from '../../src/protocol/frame-check.js';
import type { Frame, UnknownFrame } from '../../src/protocol/frames.js';
import { Pair, says } from '../support/doubles/sessions.js';
import { Recording } from '../../src/contracts/codec/recording.js';

const checked = sampleFrames.filter(isChecked);

describe('the check of a header', () => {
  it.each(['text', 'json', 'xml'] as const)('detects a flipped bit at any position (%s)', (name) => {
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

  it('is computed from the record, independent of the codec', () => {
    // CRC-32 of `cancel`, LF, `id=3`, LF: the example of the specification.
    expect(frameCheck({ type: 'cancel', id: 3 })).toBe(1_919_851_616);
  });
});

/** Whether the result is the frame itself, shows that it is damaged, or lacks the required check. */
function isHarmless(read: Frame | UnknownFrame, frame: Frame): boolean {
  if (!isChecked(read)) return true;
  if (read.check === undefined || read.check !== frameCheck(read)) return true;
  return JSON.stringify({ ...read }) === JSON.stringify({ ...frame });
}

describe('a server whose client checks its headers', () => {
  it('never gets a damaged request, and closes the connection', () => {
    const pair = new Pair();
    pair.exchange();
    pair.client.request({ op: 'remove', path: 'a' }, 'nothing', { onClose: () => undefined });
    const line = says(pair.client).join('\n') + '\n';
    expect(line).toContain('path=a ');
    pair.server.receive(Buffer.from(line.replace('path=a ', 'path=b ')));
    expect(pair.asked).toEqual([]);
    expect(pair.serverEnded?.error).toMatchObject({ code: 'EBADMSG', retryable: true });
  });

  it('treats a header without a check as damaged', () => {
    const pair = new Pair();
    pair.exchange();
    pair.server.receive(Buffer.from('open id=1 op=remove path=a\n'));
    expect(pair.asked).toEqual([]);
    expect(pair.serverEnded?.error).toMatchObject({ code: 'EBADMSG' });
  });

  it('adds checks to its own headers, which the client verifies', () => {
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

describe('a server whose client does not check headers', () => {
  it('sends and requires no checks, but verifies one that is present', () => {
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

  it('requires no checks of a server without one in its welcome, but verifies one that is present', () => {
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

  it('treats a terminal frame without a check as damaged if the welcome had one', () => {
    const pair = new Pair();
    pair.exchange();
    let outcome: unknown;
    pair.client.request({ op: 'stat' }, 'nothing', { onClose: (result) => (outcome = result) });
    pair.exchange();
    pair.client.receive(Buffer.from('error id=1 code=ENOENT\n'));
    expect(outcome).toMatchObject({ code: 'EBADMSG', retryable: true });
    expect(says(pair.client).at(-1)).toMatch(/^error code=EBADMSG .* check=\d+$/);
  });

  it('does not wait indefinitely for an answer whose type is damaged', () => {
    const pair = new Pair();
    pair.exchange();
    pair.client.request({ op: 'stat' }, 'nothing', silent);
    pair.exchange();
    pair.asked[0]?.channel.finish({});
    const line = says(pair.server).join('\n') + '\n';
    pair.client.receive(Buffer.from(line.replace('result', 'resulu')));
    expect(pair.clientEnded?.error).toMatchObject({ code: 'EBADMSG' });
  });

  it('adds no checks when the codec checks headers itself', () => {
    const pair = new Pair(builtinCodecs.binary);
    const bytes = Buffer.concat(pair.client.read(Infinity));
    const { frames } = new Recording(builtinCodecs.binary).write(bytes);
    expect(frames[0]?.frame).toMatchObject({ type: 'hello' });
    expect(frames[0]?.frame).not.toHaveProperty('check');
  });
});

describe('an unreadable header', () => {
  const damagedOpen = 'open id=1 op=stat pa\u007fh=a check=1\n';

  it('is retryable over another connection, if both ends have shown that they check', () => {
    const pair = new Pair();
    pair.exchange();
    pair.server.receive(Buffer.from(damagedOpen));
    expect(pair.serverEnded?.error).toMatchObject({ code: 'EPROTO', retryable: true });
    expect(says(pair.server).at(-1)).toMatch(/^error code=EPROTO .* retryable=true check=\d+$/);
  });

  it('is a protocol error otherwise', () => {
    const { server } = new Pair();
    server.receive(Buffer.from('hello version=1\n'));
    server.receive(Buffer.from(damagedOpen));
    expect(says(server).at(-1)).toMatch(/^error code=EPROTO .* retryable=false$/);
  });
});

it('in a hello is refused, so that no session starts with damaged terms', () => {
  const { server, asked } = new Pair();
  server.receive(Buffer.from('hello version=1 keepAliveTimeout=45001 check=945316422\nopen id=1 op=stat\n'));
  expect(says(server)).toEqual([expect.stringMatching(/^error code=EBADMSG .* retryable=true$/)]);
  expect(asked).toEqual([]);
});

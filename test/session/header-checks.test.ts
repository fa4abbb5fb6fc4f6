/** Damage to a header is found, whatever the notation, and costs the connection, not a file. */
import fc from 'fast-check';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { builtinCodecs } from '../../src/codecs/builtin.js';
import { sampleFrames } from '../../src/contracts/codec/sample-frames.js';
import { frameCheck, isChecked, withCheck } from '../../src/protocol/frame-check.js';
import type { Frame, UnknownFrame } from '../../src/protocol/frames.js';
import { ServerSession } from '../../src/session/server-session.js';
import { Pair, says, settings } from '../support/doubles/sessions.js';
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

/** A header that breaks a rule, with the check that is right for it. */
function checkedRecord(type: string, fields: Record<string, string | number>): string {
  const text = [type, ...Object.entries(fields).map(([name, value]) => `${name}=${value}`), ''].join('\n');
  const words = Object.entries({ ...fields, check: crc32(text) }).map(([name, value]) => ` ${name}=${value}`);
  return type + words.join('');
}

const notations: Record<'text' | 'json' | 'xml', (line: string) => string> = {
  text: (line) => line,
  json: (line) => {
    const [type, ...fields] = line.split(' ');
    const members = fields.map((field) =>
      field.replace(/^(\w+)=(.*)$/, (_, name, value) => `"${name}":${value}`),
    );
    return `{"type":"${type}",${members.join(',')}}`;
  },
  xml: (line) => `<${line.replaceAll(/=(\S+)/g, '="$1"')}/>`,
};

const lineCodecs = ['text', 'json', 'xml'] as const;

describe.each(lineCodecs)('on a connection with checks, in %s', (name) => {
  const notation = notations[name];
  const unreadable: Record<string, string | Buffer> = {
    'is not UTF-8': Buffer.from([...Buffer.from(notation('ping token=1')), 0xff]),
    'has a control character': notation('ping token=1').replace('ping', 'pi\u007fg'),
    'has another first character': `!${notation('ping token=1')}`,
    'is cut': notation('ping token=1').slice(0, -2) + '\u0001',
    'repeats a field': notation('ping token=1 token=1'),
    'is empty': '',
  };

  it.each(Object.keys(unreadable))('a header that %s is damaged, at both ends', (what) => {
    for (const end of ['server', 'client'] as const) {
      const pair = new Pair(builtinCodecs[name]);
      pair.exchange();
      pair[end].receive(Buffer.concat([Buffer.from(unreadable[what] ?? ''), Buffer.from('\n')]));
      expect(pair[`${end}Ended`]?.error).toMatchObject({ code: 'EBADMSG', retryable: true });
      expect(says(pair[end]).at(-1)).toMatch(/error.*EBADMSG.*true.*check/);
    }
  });

  it('a payload without the line end after it is damaged', () => {
    const pair = new Pair(builtinCodecs[name]);
    pair.client.request({ op: 'upload', path: 'a' }, 'nothing', { onClose: () => undefined });
    pair.exchange();
    const header = builtinCodecs[name].encode(withCheck({ type: 'data', id: 1, length: 2 }));
    pair.server.receive(Buffer.concat([header, Buffer.from('abc')]));
    expect(pair.serverEnded?.error).toMatchObject({ code: 'EBADMSG', retryable: true });
  });

  it('a header that breaks a rule was sent like this if its check is right', () => {
    for (const end of ['server', 'client'] as const) {
      const pair = new Pair(builtinCodecs[name]);
      pair.exchange();
      pair[end].receive(Buffer.from(`${notation(checkedRecord('ping', { token: -5 }))}\n`));
      expect(pair[`${end}Ended`]?.error).toMatchObject({ code: 'EPROTO', retryable: false });
      expect(says(pair[end]).at(-1)).toMatch(/error.*EPROTO.*false.*check/);
    }
  });

  it.each([
    ['a wrong check', `ping token=-5 check=1`],
    ['no check', 'ping token=-5'],
    ['a check that is no integer', 'ping token=-5 check=-1'],
  ])('a header that breaks a rule is damaged if it has %s', (_what, line) => {
    const pair = new Pair(builtinCodecs[name]);
    pair.exchange();
    pair.server.receive(Buffer.from(`${notation(line)}\n`));
    expect(pair.serverEnded?.error).toMatchObject({ code: 'EBADMSG', retryable: true });
  });

  it('a length over the limit is damaged if the check is wrong', () => {
    const tooLong = { type: 'data', id: 1, length: 2_000_000 } as const;
    const lengths = [
      [withCheck(tooLong), 'EMSGSIZE'],
      [{ ...tooLong, check: 1 }, 'EBADMSG'],
    ] as const;
    for (const [frame, code] of lengths) {
      const pair = new Pair(builtinCodecs[name]);
      pair.exchange();
      pair.server.receive(Buffer.from(builtinCodecs[name].encode(frame)));
      expect(pair.serverEnded?.error).toMatchObject({ code });
    }
  });

  it('before the login is checked, too, an unreadable header is damaged', () => {
    const codec = builtinCodecs[name];
    const ends: unknown[] = [];
    const server = new ServerSession(() => codec, settings, {
      unknownCodecReply: () => Buffer.alloc(0),
      onHello: () => new Promise(() => undefined),
      onRequest: () => undefined,
      onEnd: (error) => ends.push(error),
    });
    server.receive(Buffer.from(codec.encode(withCheck({ type: 'hello', version: 1 }))));
    server.receive(Buffer.from('\n'));
    expect(ends).toMatchObject([{ code: 'EBADMSG', retryable: true }]);
  });
});

describe.each(lineCodecs)('on a connection without checks, in %s', (name) => {
  it.each([
    ['cannot be read', '', 'EPROTO'],
    ['breaks a rule', 'ping token=-5', 'EPROTO'],
    ['breaks a rule and has a right check', checkedRecord('ping', { token: -5 }), 'EPROTO'],
    ['breaks a rule and has a wrong check', 'ping token=-5 check=1', 'EBADMSG'],
  ])('a header that %s is refused', (_what, line, code) => {
    const codec = builtinCodecs[name];
    const { server } = new Pair(codec);
    server.receive(Buffer.from(codec.encode({ type: 'hello', version: 1 })));
    server.receive(Buffer.from(line === '' ? '\n' : `${notations[name](line)}\n`));
    expect(says(server).at(-1)).toMatch(new RegExp(`error.*${code}.*${code === 'EBADMSG'}`));
  });
});

describe('in binary', () => {
  const codec = builtinCodecs.binary;
  const damagedPing = (): Buffer => {
    const bytes = Buffer.from(codec.encode({ type: 'ping', token: 1 }));
    return Buffer.concat([bytes.subarray(0, -1), Buffer.of(2)]);
  };
  // A ping whose token is a text.
  const wrongPing = Buffer.from('fe0b0003000000000000000000005ce88e4e5d0131', 'hex');

  it.each([
    ['a wrong CRC is', damagedPing(), { code: 'EBADMSG', retryable: true }],
    ['another first byte is', Buffer.of(0xff), { code: 'EBADMSG', retryable: true }],
    ['a right CRC over a field that breaks a rule is not', wrongPing, { code: 'EPROTO', retryable: false }],
  ] as const)('%s damage, at both ends', (_what, bytes, expected) => {
    for (const end of ['server', 'client'] as const) {
      const pair = new Pair(codec);
      pair.exchange();
      pair[end].receive(Buffer.from(bytes));
      expect(pair[`${end}Ended`]?.error).toMatchObject(expected);
    }
  });

  it('a hello or welcome with a wrong CRC is damage, and another first byte is another program', () => {
    for (const end of ['server', 'client'] as const) {
      const [damaged, foreign] = [new Pair(codec), new Pair(codec)];
      damaged[end].receive(damagedPing());
      expect(damaged[`${end}Ended`]?.error).toMatchObject({ code: 'EBADMSG', retryable: true });
      foreign[end].receive(Buffer.from('SSH-2.0-OpenSSH_9.6\r\n'));
      expect(foreign[`${end}Ended`]?.error).toMatchObject({ code: 'EPROTO', retryable: false });
    }
  });
});

it('in a hello is refused, so that no session starts with damaged terms', () => {
  const { server, asked } = new Pair();
  server.receive(Buffer.from('hello version=1 keepAliveTimeout=45001 check=945316422\nopen id=1 op=stat\n'));
  expect(says(server)).toEqual([expect.stringMatching(/^error code=EBADMSG .* retryable=true$/)]);
  expect(asked).toEqual([]);
});

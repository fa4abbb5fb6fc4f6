import { describe, expect, test } from 'vitest';
import type { FrameSink } from '../../../src/codecs/codec.js';
import { defineLineCodec } from '../../../src/codecs/lines/line-codec.js';
import { textCodec } from '../../../src/codecs/lines/text.js';
import { Recording } from '../../../src/contracts/codec/recording.js';
import { TransferError } from '../../../src/errors.js';
import type { WireRecord } from '../../../src/protocol/records/frame-from-record.js';

const limits = { maxHeaderBytes: 64, maxFrameBytes: 1024 };

function throwing(thrown: unknown) {
  return defineLineCodec({
    name: 'throwing',
    format: ({ type }) => type,
    parse(): WireRecord {
      throw thrown;
    },
  });
}

describe('the line framing', () => {
  test('accepts LF and CRLF as the end of a header', () => {
    const { frames } = new Recording(textCodec).write(Buffer.from('ping token=1\r\npong token=2\n'));
    expect(frames.map(({ frame }) => frame)).toEqual([
      { type: 'ping', token: 1 },
      { type: 'pong', token: 2 },
    ]);
  });

  test('counts the line end, LF or CRLF, as part of the length of a header', () => {
    const line = Buffer.from('ping token=1\r\n');
    expect(new Recording(textCodec, { ...limits, maxHeaderBytes: 14 }).write(line).error).toBeUndefined();
    expect(new Recording(textCodec, { ...limits, maxHeaderBytes: 13 }).write(line).error?.code).toBe(
      'EMSGSIZE',
    );
  });

  test('rejects a line at the byte that exceeds the maximum length', () => {
    const recording = new Recording(textCodec, limits).writeInPieces(Buffer.alloc(63, 'a'), 1);
    expect(recording.error).toBeUndefined();
    expect(recording.write(Buffer.from('a')).error?.code).toBe('EMSGSIZE');
  });

  test('converts any error of a parse function to EPROTO, with the error as its cause', () => {
    for (const thrown of [new RangeError('no'), 'text', undefined]) {
      const { error } = new Recording(throwing(thrown)).write(Buffer.from('x\n'));
      expect(error).toMatchObject({ code: 'EPROTO' });
      expect(error?.cause).toBe(thrown);
    }
  });

  test('passes on a TransferError of a parse function unchanged', () => {
    const thrown = new TransferError('ENOTSUP');
    expect(new Recording(throwing(thrown)).write(Buffer.from('x\n')).error).toBe(thrown);
  });

  test('reports a frame of a newer peer as unknown, with its id and length, and skips its payload', () => {
    const recording = new Recording(textCodec).write(
      Buffer.from('novel id=3 length=2 x=y\nab\nping token=1\n'),
    );
    expect(recording.frames).toEqual([
      { frame: { type: 'unknown', id: 3, length: 2 }, payload: Buffer.from('ab') },
      { frame: { type: 'ping', token: 1 }, payload: Buffer.alloc(0) },
    ]);
  });

  test('passes payload on as views of the chunk', () => {
    const chunk = Buffer.from('data id=1 length=5\nhello\n');
    const pieces: Uint8Array[] = [];
    textCodec.decoder(sinkOf({ payload: (piece) => pieces.push(piece) }), limits).write(chunk);
    expect(pieces).toHaveLength(1);
    expect(pieces[0]?.buffer).toBe(chunk.buffer);
  });

  test('accepts a plain Uint8Array as well as a Buffer', () => {
    const recording = new Recording(textCodec).write(new TextEncoder().encode('ping token=1\n'));
    expect(recording.frames).toHaveLength(1);
  });

  test('reads bytes that a sink writes during a callback after those of the current chunk', () => {
    const told: string[] = [];
    const decoder = textCodec.decoder(
      sinkOf({
        frame(frame) {
          told.push(frame.type);
          if (frame.type === 'ping') decoder.write(Buffer.from('cancel id=1\n'));
        },
      }),
      limits,
    );
    decoder.write(Buffer.from('ping token=1\npong token=1\n'));
    expect(told).toEqual(['ping', 'pong', 'cancel']);
  });
});

function sinkOf(sink: Partial<FrameSink>): FrameSink {
  return { frame: () => undefined, payload: () => undefined, error: () => undefined, ...sink };
}

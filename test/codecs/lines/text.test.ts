import { describe, expect, test } from 'vitest';
import { textCodec } from '../../../src/codecs/lines/text.js';
import { Recording } from '../../../src/contracts/codec/recording.js';

function read(line: string) {
  const { frames, error } = new Recording(textCodec).write(Buffer.from(`${line}\n`));
  return frames[0]?.frame ?? error?.code;
}

describe('the text codec', () => {
  test('reads every valid percent-encoding, also of characters that need none', () => {
    const path = { type: 'open', id: 1, op: 'stat', path: 'aä%' };
    expect(read('open id=1 op=stat path=a%C3%A4%25')).toEqual(path);
    expect(read('open id=%31 op=%73tat path=%61%c3%a4%25')).toEqual(path);
  });

  test('reads a plus sign and an equals sign in a value literally', () => {
    expect(read('open id=1 op=stat path=a+b=c')).toEqual({ type: 'open', id: 1, op: 'stat', path: 'a+b=c' });
  });

  test('reads an empty value as the empty text', () => {
    expect(read('error code=EX message=')).toEqual({ type: 'error', code: 'EX', message: '' });
  });

  test('ignores unknown fields, and known fields that the frame does not have', () => {
    expect(read('ping token=1 colour=red path=x size=large')).toEqual({ type: 'ping', token: 1 });
  });

  test('never writes an unescaped control character', () => {
    const line = textCodec.encode({ type: 'error', code: 'EX', message: 'a\r\nb\u0085\u007f' });
    expect(Buffer.from(line).toString()).toBe('error code=EX message=a%0D%0Ab%C2%85%7F\n');
  });
});

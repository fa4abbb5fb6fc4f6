import { describe, expect, it } from 'vitest';
import { builtinCodecs } from '../../../src/codecs/builtin.js';
import { beginsWithHttp } from '../../../src/server/http/begins-with-http.js';

describe('the first bytes of a connection', () => {
  it.each(['GET / HTTP/1.1', 'HEAD ', 'PUT /a', 'POST /', 'DELETE /', 'OPTIONS *', 'PROPFIND /'])(
    'are HTTP: %s',
    (text) => {
      expect(beginsWithHttp(Buffer.from(text))).toBe(true);
    },
  );

  it.each(['', 'G', 'GET', 'P', 'PROPFIND', 'O'])('do not tell yet: %j', (text) => {
    expect(beginsWithHttp(Buffer.from(text))).toBeUndefined();
  });

  it.each(['get / ', 'GETS', 'hello', 'PRI * HTTP/2.0', '\r\nGET /', '\u0016\u0003\u0001'])(
    'are something else: %j',
    (text) => {
      expect(beginsWithHttp(Buffer.from(text, 'latin1'))).toBe(false);
    },
  );

  it.each(Object.entries(builtinCodecs))('of the codec %s are something else', (_, codec) => {
    const hello = codec.encode({ type: 'hello', version: 1 });
    expect(beginsWithHttp(hello.subarray(0, 1))).toBe(false);
  });
});

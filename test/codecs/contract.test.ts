import { describe, test } from 'vitest';
import { builtinCodecs } from '../../src/codecs/builtin.js';
import { defineLineCodec } from '../../src/codecs/lines/line-codec.js';
import { codecContract } from '../../src/contracts/codec/codec-contract.js';
import { fieldsOf } from '../../src/protocol/frames.js';

// A notation of a user's own: `type;key:value;key:value;`, escaped as in URLs.
const own = defineLineCodec({
  name: 'own',
  format(frame) {
    const fields = [...fieldsOf(frame)].map(
      ([name, value]) => `${name}:${encodeURIComponent(String(value))};`,
    );
    return `${frame.type};${fields.join('')}`;
  },
  parse(line) {
    const [type = '', ...fields] = line.split(';').slice(0, -1);
    const pairs = fields.map((field) => field.split(':'));
    return new Map([
      ['type', type],
      ...pairs.map(([name = '', value = '']): [string, string] => [name, decodeURIComponent(value)]),
    ]);
  },
});

for (const codec of [...Object.values(builtinCodecs), own]) {
  describe(`the codec ${codec.name}`, () => {
    for (const { name, run } of codecContract(codec)) test(name, run);
  });
}

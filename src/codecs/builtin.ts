/** The built-in codecs. */
import { binaryCodec } from './binary/binary.js';
import type { Codec } from './codec.js';
import { jsonCodec } from './lines/json.js';
import { textCodec } from './lines/text.js';
import { xmlCodec } from './lines/xml.js';

/** The name of a built-in codec. */
export type CodecName = 'text' | 'json' | 'xml' | 'binary';

/** The built-in codecs by name. */
export const builtinCodecs = {
  text: textCodec,
  json: jsonCodec,
  xml: xmlCodec,
  binary: binaryCodec,
} as const satisfies Record<CodecName, Codec>;

/** The codec of an option: a name, or an application's own codec. Throws a TypeError for an unknown name. */
export function codecOf(option: CodecName | Codec): Codec {
  if (typeof option === 'object') return option;
  const codecs: Record<string, Codec> = builtinCodecs;
  const codec = Object.hasOwn(codecs, option) ? codecs[option] : undefined;
  if (codec) return codec;
  throw new TypeError(
    `The codec must be one of ${Object.keys(codecs).join(', ')}, or a Codec object, not '${option}'.`,
  );
}

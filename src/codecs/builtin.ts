/** The codecs that options know by name. */
import { binaryCodec } from './binary/binary.js';
import type { Codec } from './codec.js';
import { jsonCodec } from './lines/json.js';
import { textCodec } from './lines/text.js';
import { xmlCodec } from './lines/xml.js';

/** The name of a built-in codec. */
export type CodecName = 'text' | 'json' | 'xml' | 'binary';

/** Every built-in codec by its name. */
export const builtinCodecs = {
  text: textCodec,
  json: jsonCodec,
  xml: xmlCodec,
  binary: binaryCodec,
} as const satisfies Record<CodecName, Codec>;

/** The codec that an option means: one by its name, or a user's own. Throws a TypeError for anything else. */
export function codecOf(option: CodecName | Codec): Codec {
  if (typeof option === 'object') return option;
  const codecs: Record<string, Codec> = builtinCodecs;
  const codec = Object.hasOwn(codecs, option) ? codecs[option] : undefined;
  if (codec) return codec;
  throw new TypeError(
    `There is no codec ${option}, only ${Object.keys(codecs).join(', ')}, and your own objects.`,
  );
}

/** Every field of a frame, and everything that can be wrong with it as such: each must be EPROTO. */
import type { CodecName } from '../../../../src/index.js';
import { fieldTable, type FieldName } from '../../../../src/protocol/fields.js';
import { frameTable, type FrameType } from '../../../../src/protocol/frames.js';
import { changed, plus, type LooseFrame, type Value } from './loose-frame.js';
import { wrongValues } from './wrong-values.js';

/** A frame that is wrong. */
export interface WrongFrame {
  readonly name: string;
  readonly frame: LooseFrame;
  readonly codecs?: readonly CodecName[] | undefined;
}

/** The value of a duplicate field. */
const rightValues = { integer: 1, signed: 1, text: 'a', flag: true } as const satisfies Record<string, Value>;

/** In binary `id` and `length` have places of their own, which are never missing. */
const LINES: readonly CodecName[] = ['text', 'json', 'xml'];

/** All that can be wrong with the fields of a frame that is right. */
export function wrongFrames(type: FrameType, right: LooseFrame): WrongFrame[] {
  const { required, optional }: { required: readonly FieldName[]; optional: readonly FieldName[] } =
    frameTable[type];
  return [
    ...[...required, ...optional].flatMap((name) => wrongFields(type, name, right)),
    ...required.map((name) => ({
      name: `${type} without ${name}`,
      frame: changed(right, name, undefined),
      codecs: name === 'length' ? LINES : undefined,
    })),
    { name: `${type} with an unknown field twice`, frame: plus(plus(right, 'future', 1), 'future', 1) },
    ...(type === 'data' ? [] : [{ name: `${type} with a length`, frame: plus(right, 'length', 5) }]),
  ];
}

function wrongFields(type: FrameType, name: FieldName, right: LooseFrame): WrongFrame[] {
  const fieldType = fieldTable[name].type;
  const twice = plus(changed(right, name, rightValues[fieldType]), name, rightValues[fieldType]);
  const wrong = wrongValues[fieldType].map(({ what, value, codecs }) => ({
    name: `${type} whose ${name} is ${what}`,
    frame: changed(right, name, value),
    // The number of an error is sent, too.
    codecs: name === 'code' ? codecs?.filter((codec) => codec !== 'binary') : codecs,
  }));
  return [{ name: `${type} with ${name} twice`, frame: twice }, ...wrong];
}

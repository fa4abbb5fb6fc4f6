/** Converts the values of a record to those of fields. */
import { protocolError } from '../../errors.js';
import {
  fieldTable,
  isFieldText,
  parseInteger,
  parseSigned,
  type FieldName,
  type FieldTypes,
  type FieldValue,
} from '../fields.js';
import { MAX_ID } from '../limits.js';

type Value = string | number | boolean;

/** Converts a value to the type of its field. Throws EPROTO if that is not possible. */
export function fieldValue<Name extends FieldName>(
  name: Name,
  value: Value,
  isTyped?: boolean,
): FieldValue<Name>;
export function fieldValue(name: FieldName, value: Value, isTyped?: boolean): FieldValue {
  const parsed = parseFieldValue(name, value, isTyped);
  if (parsed !== undefined) return parsed;
  throw protocolError(`The field ${name} must be a valid ${name === 'id' ? 'id' : fieldTable[name].type}.`);
}

/** Like `fieldValue`; undefined if the value is not possible. */
export function parseFieldValue(name: FieldName, value: Value, isTyped = false): FieldValue | undefined {
  const { type } = fieldTable[name];
  // A notation with types has only one form of each value.
  if (isTyped && type !== 'text' && typeof value === 'string') return undefined;
  const parsed = parsers[type](value);
  return name === 'id' && !isId(parsed) ? undefined : parsed;
}

function isId(value: FieldValue | undefined): boolean {
  return typeof value === 'number' && value >= 1 && value <= MAX_ID;
}

const parsers = { integer: integerOf, signed: signedOf, text: textOf, flag: flagOf } satisfies {
  [Type in keyof FieldTypes]: (value: Value) => FieldTypes[Type] | undefined;
};

function integerOf(value: Value): number | undefined {
  if (typeof value === 'string') return parseInteger(value);
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function signedOf(value: Value): number | undefined {
  if (typeof value === 'string') return parseSigned(value);
  return typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0)
    ? value
    : undefined;
}

function flagOf(value: Value): boolean | undefined {
  if (typeof value === 'boolean') return value;
  return value === 'true' ? true : value === 'false' ? false : undefined;
}

function textOf(value: Value): string | undefined {
  return typeof value === 'string' && isFieldText(value) ? value : undefined;
}

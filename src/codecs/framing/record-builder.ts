/** Builds the record of a header field by field, and checks rules that hold for every notation. */
import { protocolError, type TransferError } from '../../errors.js';
import { fieldByName, MAX_FIELD_NUMBER, type Field } from '../../protocol/fields.js';
import { isFrameType } from '../../protocol/frames.js';
import type { WireRecord } from '../../protocol/records/frame-from-record.js';
import { isName } from '../../protocol/records/names.js';

type Value = string | number | boolean;

const NO_VALUES: readonly (Value | undefined)[] = new Array<undefined>(MAX_FIELD_NUMBER + 1).fill(undefined);

/** A record. */
export class RecordBuilder implements WireRecord {
  size = 0;
  readonly isTyped: boolean;
  #type: string | undefined;
  /** By field number, which is several times as fast as a map by name. */
  readonly #values = NO_VALUES.slice();
  #others: Map<string | number, Value> | undefined;

  constructor(notation?: 'typed') {
    this.isTyped = notation === 'typed';
  }

  get(name: string): Value | undefined {
    if (name === 'type') return this.#type;
    const field = fieldByName(name);
    return field && this.#values[field.number];
  }

  *values(): Generator<Value> {
    for (const value of this.#values) if (value !== undefined) yield value;
    if (this.#others) yield* this.#others.values();
  }

  /** Sets the type of the frame. Throws EPROTO if it is set already, or is not a name. */
  addType(type: Value): void {
    if (typeof type !== 'string' || !(isFrameType(type) || isName(type)))
      throw protocolError('The type of a frame must be a name.');
    if (this.#type !== undefined) throw duplicate('type');
    this.#type = type;
    this.size += 1;
  }

  /** Adds a field. Throws EPROTO if it is present already: two readers could use different values. Also for an invalid name. */
  add(name: string, value: Value): void {
    const field = fieldByName(name);
    if (field) this.addField(field, value);
    else if (name === 'type') this.addType(value);
    else if (isName(name)) this.addUnknown(name, value);
    else throw protocolError('A header contains an invalid name.');
  }

  /** Like `add`, for a known field. */
  addField({ name, number }: Field, value: Value): void {
    if (this.#values[number] !== undefined) throw duplicate(name);
    this.#values[number] = value;
    this.size += 1;
  }

  /** Like `add`, for an unknown field, by its name or number. */
  addUnknown(key: string | number, value: Value): void {
    const others = (this.#others ??= new Map());
    if (others.has(key)) throw duplicate('an unknown field');
    others.set(key, value);
    this.size += 1;
  }
}

function duplicate(name: string): TransferError {
  return protocolError(`A header must not repeat ${name}.`);
}

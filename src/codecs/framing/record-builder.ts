/** Builds the record of a header field by field, and checks rules that hold for every notation. */
import { protocolError, type TransferError } from '../../errors.js';
import { fieldByName, MAX_FIELD_NUMBER, type Field, type FieldType } from '../../protocol/fields.js';
import type { WireRecord } from '../../protocol/frames.js';

type Value = string | number | boolean;

const NO_VALUES: readonly (Value | undefined)[] = new Array<undefined>(MAX_FIELD_NUMBER + 1).fill(undefined);

/** A record. Of unknown fields it keeps only the names. */
export class RecordBuilder implements WireRecord {
  size = 0;
  #type: string | undefined;
  /** By field number, which is several times as fast as a map by name. */
  readonly #values = NO_VALUES.slice();
  #others: Set<string> | undefined;

  get(name: string): Value | undefined {
    if (name === 'type') return this.#type;
    const field = fieldByName(name);
    return field && this.#values[field.number];
  }

  /** Sets the type of the frame. Throws EPROTO if it is set already, or is not a text. */
  addType(type: Value): void {
    if (typeof type !== 'string') throw protocolError('A frame must have a type.');
    if (this.#type !== undefined) throw duplicate('type');
    this.#type = type;
    this.size += 1;
  }

  /** Adds a field. Throws EPROTO if it is present already: two readers could use different values. */
  add(name: string, value: Value): void {
    const field = fieldByName(name);
    if (field) this.addField(field, value);
    else if (name === 'type') this.addType(value);
    else this.#addOther(name);
  }

  /** Like `add`, for notations with types: throws EPROTO also if the value has the wrong type. */
  addTyped(name: string, value: Value): void {
    const field = fieldByName(name);
    if (field) this.addTypedField(field, value);
    else this.add(name, value);
  }

  /** Like `add`, for a known field. */
  addField({ name, number }: Field, value: Value): void {
    if (this.#values[number] !== undefined) throw duplicate(name);
    this.#values[number] = value;
    this.size += 1;
  }

  /** Like `addTyped`, for a known field. */
  addTypedField(field: Field, value: Value): void {
    if ((field.type === 'signed' ? 'integer' : field.type) !== typeOf(value)) {
      throw protocolError(`The field ${field.name} must be of type ${field.type}, not ${typeOf(value)}.`);
    }
    this.addField(field, value);
  }

  #addOther(name: string): void {
    const others = (this.#others ??= new Set());
    if (others.has(name)) throw duplicate('an unknown field');
    others.add(name);
    this.size += 1;
  }
}

function typeOf(value: Value): FieldType {
  if (typeof value === 'string') return 'text';
  return typeof value === 'number' ? 'integer' : 'flag';
}

function duplicate(name: string): TransferError {
  return protocolError(`A header must not repeat ${name}.`);
}

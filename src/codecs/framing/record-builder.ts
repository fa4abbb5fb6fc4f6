/** Gathers what a header says into a record, field by field, and refuses what no notation allows. */
import { protocolError, type TransferError } from '../../errors.js';
import { fieldByName, MAX_FIELD_NUMBER, type Field, type FieldType } from '../../protocol/fields.js';
import type { WireRecord } from '../../protocol/frames.js';

type Value = string | number | boolean;

const NO_VALUES: readonly (Value | undefined)[] = new Array<undefined>(MAX_FIELD_NUMBER + 1).fill(undefined);

/** A record that is being read. Of fields that are not known it keeps the names only. */
export class RecordBuilder implements WireRecord {
  #type: string | undefined;
  /** By the fields' numbers: a map of their names would take several times as long to fill. */
  readonly #values = NO_VALUES.slice();
  #others: Set<string> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(name: string): Value | undefined {
    if (name === 'type') return this.#type;
    const field = fieldByName(name);
    return field && this.#values[field.number];
  }

  /** Says what type the frame is of. Throws EPROTO where that was said already, or is no text. */
  addType(type: Value): void {
    if (typeof type !== 'string') throw protocolError('A frame has no type.');
    if (this.#type !== undefined) throw duplicate();
    this.#type = type;
    this.#size += 1;
  }

  /** Adds a field. Throws EPROTO where it is there already: two readers could believe different ones. */
  add(name: string, value: Value): void {
    const field = fieldByName(name);
    if (field) this.addField(field, value);
    else if (name === 'type') this.addType(value);
    else this.#addOther(name);
  }

  /** As `add`, for notations that have types: throws EPROTO, too, where the value is not of the field's type. */
  addTyped(name: string, value: Value): void {
    const field = fieldByName(name);
    if (field) this.addTypedField(field, value);
    else this.add(name, value);
  }

  /** As `add`, of a known field. */
  addField({ number }: Field, value: Value): void {
    if (this.#values[number] !== undefined) throw duplicate();
    this.#values[number] = value;
    this.#size += 1;
  }

  /** As `addTyped`, of a known field. */
  addTypedField(field: Field, value: Value): void {
    if (field.type !== typeOf(value)) {
      throw protocolError(`The field ${field.name} does not hold what it must.`);
    }
    this.addField(field, value);
  }

  #addOther(name: string): void {
    const others = (this.#others ??= new Set());
    if (others.has(name)) throw duplicate();
    others.add(name);
    this.#size += 1;
  }
}

function typeOf(value: Value): FieldType {
  if (typeof value === 'string') return 'text';
  return typeof value === 'number' ? 'integer' : 'flag';
}

function duplicate(): TransferError {
  return protocolError('A field stands twice in a header.');
}

/** Gathers what a header says into a record, field by field, and refuses what no notation allows. */
import { TransferError } from '../errors.js';
import { fieldTable, isFieldName, type FieldType } from '../protocol/fields.js';
import type { WireRecord } from '../protocol/frames.js';

type Value = string | number | boolean;

/** A record that is being read. */
export class RecordBuilder {
  readonly #fields = new Map<string, Value>();

  /** What was read so far. */
  get record(): WireRecord {
    return this.#fields;
  }

  /** Adds a field. Throws EPROTO where it is there already: two readers could believe different ones. */
  add(name: string, value: Value): void {
    if (this.#fields.has(name)) throw new TransferError('EPROTO', 'A field stands twice in a header.');
    this.#fields.set(name, value);
  }

  /** As `add`, for notations that have types: throws EPROTO, too, where the value is not of the field's type. */
  addTyped(name: string, value: Value): void {
    if (isFieldName(name) && fieldTable[name].type !== typeOf(value)) {
      throw new TransferError('EPROTO', `The field ${name} does not hold what it must.`);
    }
    this.add(name, value);
  }
}

function typeOf(value: Value): FieldType {
  if (typeof value === 'string') return 'text';
  return typeof value === 'number' ? 'integer' : 'flag';
}

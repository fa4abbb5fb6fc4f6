/** Standard Schema, the interface that zod, valibot, arktype and other libraries of schemas have in common. */
import { TransferError } from '../../errors.js';

/** A schema of any library that implements [Standard Schema](https://standardschema.dev), version 1. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    /** Checks a value. */
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a schema says about a value. */
export type SchemaResult<Output> =
  { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] };

/** What is wrong with a value. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Issues that a caller gets: enough for a form, few enough for a field. */
const MAX_ISSUES = 20;

/** Characters of the message of an issue. */
const MAX_ISSUE_LENGTH = 200;

/** The value that a schema makes of another one. EINVAL with the issues as `details` if it is not valid. */
export async function validated(schema: StandardSchema, value: unknown, name: string): Promise<unknown> {
  const result = await schema['~standard'].validate(value);
  if (!result.issues) return result.value;
  const issues = result.issues.slice(0, MAX_ISSUES).map(({ message, path = [] }) => ({
    message: message.slice(0, MAX_ISSUE_LENGTH).toWellFormed(),
    path: path.map((step) => stepOf(typeof step === 'object' ? step.key : step)),
  }));
  throw new TransferError('EINVAL', `The ${name} is not valid.`, { details: { issues } });
}

function stepOf(key: PropertyKey): string | number {
  return typeof key === 'number' ? key : String(key).toWellFormed();
}

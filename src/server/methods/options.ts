/** The options of a shared method: declared, defaulted and checked here. */
import { flagOption, rejectUnknownOptions, timeOption } from '../../options/option.js';
import { isErrorCode } from '../../errors.js';
import { checkPermissions } from '../access/options.js';
import type { Permission } from '../identity.js';
import type { StandardSchema } from './standard-schema.js';

/** Options of a method that a server shares. */
export interface MethodOptions {
  /** The permission that a client needs. Default `'call'`. */
  permission?: Permission | undefined;
  /** Checks the input; the handler gets what the schema returns. A wrong input is EINVAL, with the issues. Default: any. */
  input?: StandardSchema | undefined;
  /** Checks the output. A wrong output is EIO for the caller. Default: any. */
  output?: StandardSchema | undefined;
  /**
   * Whether the method may run again for a call whose answer was lost. Then the server remembers no answers of it, and
   * stops it when the connection is lost. Default `false`: each call runs at most once.
   */
  idempotent?: boolean | undefined;
  /** Codes of your own with which the method may fail. Default: those of the table of errors only. */
  errors?: readonly string[] | undefined;
  /** Milliseconds after which a call fails with ETIMEDOUT, and its `signal` is aborted. Default: no limit. */
  timeoutMs?: number | undefined;
}

/** The options, checked and with defaults. */
export interface MethodSettings {
  readonly permission: Permission;
  readonly input: StandardSchema | undefined;
  readonly output: StandardSchema | undefined;
  readonly idempotent: boolean;
  readonly errors: ReadonlySet<string>;
  readonly timeoutMs: number | undefined;
}

/** Checks the options and adds the defaults. Throws a TypeError for a wrong option. */
export function methodSettings(name: string, options: MethodOptions): MethodSettings {
  const what = `The method ${name}`;
  rejectUnknownOptions(what, options, ['permission', 'input', 'output', 'idempotent', 'errors', 'timeoutMs']);
  const { permission = 'call', input, output, idempotent, errors = [], timeoutMs } = options;
  checkPermissions('permission', [permission]);
  if (!Array.isArray(errors) || !errors.every(isCode))
    throw new TypeError('The option errors must be an array of error codes.');
  return {
    permission,
    input: schemaOption('input', input),
    output: schemaOption('output', output),
    idempotent: flagOption('idempotent', idempotent) ?? false,
    errors: new Set(errors as readonly string[]),
    timeoutMs: timeoutMs === undefined ? undefined : timeOption('timeoutMs', timeoutMs, timeoutMs),
  };
}

function isCode(code: unknown): boolean {
  return typeof code === 'string' && isErrorCode(code);
}

function schemaOption(name: string, schema: StandardSchema | undefined): StandardSchema | undefined {
  if (schema === undefined) return undefined;
  const standard: unknown = (schema as Partial<StandardSchema> | null)?.['~standard'];
  const validate: unknown = (standard as { validate?: unknown } | undefined)?.validate;
  if (typeof validate === 'function') return schema;
  throw new TypeError(`The option ${name} must be a schema that implements Standard Schema.`);
}

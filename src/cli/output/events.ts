/**
 * The lines of `--json`: one JSON object a line on standard output, `{"v":1,"event":...}`. The table is the schema: types
 * and the reference page come from it. Fields are added, never removed or changed, while `v` is 1.
 */

/** The type of a field. With `?` the field may be missing; `object` is described in the reference of the library. */
type FieldType =
  'string' | 'string?' | 'strings' | 'number' | 'number?' | 'boolean' | 'boolean?' | 'object' | 'object?';

interface EventRow {
  readonly when: string;
  readonly fields: Readonly<Record<string, FieldType>>;
}

const connection = { connection: 'number?', remoteAddress: 'string?', user: 'string?' } as const;
const request = {
  ...connection,
  request: 'number',
  operation: 'string',
  path: 'string?',
  target: 'string?',
} as const;

/** The events of all commands, by name. Those of a server and of plans have the names of the library. */
export const events = {
  listening: {
    when: 'The server accepts connections',
    fields: {
      addresses: 'strings',
      pages: 'strings',
      root: 'string',
      isReadOnly: 'boolean',
      users: 'number?',
      encrypted: 'boolean',
    },
  },
  connection: { when: 'A client has connected', fields: connection },
  login: { when: 'A client has logged in', fields: connection },
  rejected: {
    when: 'A connection or login was refused',
    fields: { ...connection, code: 'string', message: 'string' },
  },
  disconnect: {
    when: 'A connection has ended; with `code`, by an error',
    fields: { ...connection, code: 'string?', message: 'string?' },
  },
  requestStart: { when: 'A request has arrived', fields: request },
  requestEnd: {
    when: 'A request has ended; with `code`, by an error',
    fields: { ...request, bytes: 'number', durationMs: 'number', code: 'string?', message: 'string?' },
  },
  fallback: {
    when: 'A transfer uses TCP although UDP was asked for',
    fields: { ...connection, reason: 'string' },
  },
  close: { when: 'The server has closed', fields: {} },
  entry: {
    when: '`ls`, `stat` or `tree` has found a file or directory',
    fields: {
      path: 'string',
      kind: 'string',
      size: 'number',
      mtime: 'string',
      mode: 'number?',
      etag: 'string?',
      checksum: 'string?',
    },
  },
  action: {
    when: 'A file or directory was dealt with: `kind` is `transfer`, `make-directory`, ...; `status` is `done`, `skipped`, `failed`, ...',
    fields: {
      kind: 'string',
      path: 'string',
      target: 'string?',
      reason: 'string?',
      status: 'string',
      bytes: 'number',
      code: 'string?',
      message: 'string?',
    },
  },
  plan: {
    when: 'The first line of `sync --dry-run`',
    fields: { from: 'string', to: 'string', backup: 'string?' },
  },
  step: { when: 'A step of that plan, as a `SyncAction` of the library', fields: { action: 'object' } },
  planEnd: {
    when: 'The last line of that plan: without it, the plan is not whole',
    fields: { steps: 'number', bytes: 'number' },
  },
  difference: {
    when: '`check` has found a difference, as a `SyncAction` that would remove it',
    fields: { action: 'object' },
  },
  checked: {
    when: 'The last line of `check`: numbers of files',
    fields: { equal: 'number', different: 'number', missing: 'number', extra: 'number', problems: 'number' },
  },
  progress: {
    when: 'About once a second while files are transferred',
    fields: {
      bytes: 'number',
      bytesTotal: 'number?',
      files: 'number',
      filesTotal: 'number?',
      scanned: 'number',
      bytesPerSecond: 'number',
    },
  },
  result: {
    when: 'The last line of `get`, `put` and `sync`',
    fields: { files: 'number', bytes: 'number', skipped: 'number', failed: 'number', durationMs: 'number' },
  },
  watch: {
    when: '`watch` has seen a change: `change` is `created`, `changed`, `removed`, `renamed`, `present`, `ready` or `lost`',
    fields: {
      change: 'string',
      path: 'string?',
      kind: 'string?',
      size: 'number?',
      mtime: 'string?',
      from: 'string?',
    },
  },
  finding: {
    when: '`doctor` has checked something: `status` is `passed`, `failed` or `skipped`',
    fields: { check: 'string', status: 'string', message: 'string', hint: 'string?' },
  },
  pong: { when: 'The server has answered a `ping`', fields: { number: 'number', ms: 'number' } },
  method: {
    when: '`call` has found a method',
    fields: { name: 'string', kind: 'string', permission: 'string', idempotent: 'boolean' },
  },
  value: { when: 'A method has answered; `value` is JSON', fields: { value: 'string' } },
  hash: { when: '`hash-password` has made a hash', fields: { hash: 'string' } },
  error: { when: 'The command failed', fields: { code: 'string?', message: 'string', exitCode: 'number' } },
} as const satisfies Record<string, EventRow>;

/** The name of an event. */
export type EventName = keyof typeof events;

interface FieldValues {
  string: string;
  'string?': string | undefined;
  strings: readonly string[];
  number: number;
  'number?': number | undefined;
  boolean: boolean;
  'boolean?': boolean | undefined;
  object: object;
  'object?': object | undefined;
}

type Values<Fields> = { readonly [Name in keyof Fields]: FieldValues[Fields[Name] & FieldType] };

type OptionalNames<Fields> = {
  [Name in keyof Fields]: Fields[Name] extends `${string}?` ? Name : never;
}[keyof Fields];

/** The fields of an event. */
export type EventFields<Name extends EventName> = Omit<
  Values<(typeof events)[Name]['fields']>,
  OptionalNames<(typeof events)[Name]['fields']>
> &
  Partial<Pick<Values<(typeof events)[Name]['fields']>, OptionalNames<(typeof events)[Name]['fields']>>>;

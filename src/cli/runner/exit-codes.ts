/** The exit codes of all commands. */

/** The numbers are an interface: they never change. */
export const exitCodes = {
  ok: { number: 0, meaning: 'Everything was done' },
  other: { number: 1, meaning: 'Another error' },
  usage: { number: 2, meaning: 'The arguments are wrong; nothing was done' },
  connection: { number: 3, meaning: 'No connection, or it was lost and did not come back; a port is taken' },
  permission: { number: 4, meaning: 'The login or a permission was refused' },
  missing: { number: 5, meaning: 'A file or directory does not exist' },
  partial: { number: 6, meaning: 'Some files failed; the others were done' },
  changed: { number: 7, meaning: 'A source changed while it was read' },
  refused: { number: 8, meaning: 'Refused for safety, such as to replace a file' },
  nothing: { number: 9, meaning: 'There was nothing to do (only with `--exit-nothing`)' },
  differences: { number: 10, meaning: 'There are differences' },
  limit: { number: 11, meaning: 'A limit was reached' },
  checksum: { number: 12, meaning: 'The data is damaged: size or checksum differ' },
  interrupted: { number: 130, meaning: 'Ended by SIGINT (Ctrl-C)' },
  closedOutput: { number: 141, meaning: 'The reader of standard output closed it' },
  terminated: { number: 143, meaning: 'Ended by SIGTERM' },
} as const satisfies Record<string, { number: number; meaning: string }>;

/** The name of an exit code. */
export type ExitName = keyof typeof exitCodes;

/** The exit codes that every command has. */
export const commonExits: readonly ExitName[] = [
  'ok',
  'other',
  'usage',
  'interrupted',
  'closedOutput',
  'terminated',
];

/** The exit codes that every command with a connection has besides. */
export const connectionExits: readonly ExitName[] = ['connection', 'permission', 'missing'];

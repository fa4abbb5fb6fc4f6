/** The users of a server in a JSON file: the table that `staticUsers()` takes. */
import { open } from 'node:fs/promises';
import type { UserRecord } from '../../index.js';
import { usageError } from '../runner/usage-error.js';

/** Permission bits to write, of the group and of others. */
const OTHERS_WRITE = 0o022;

/** The table of users by name. */
export type UserTable = Readonly<Record<string, UserRecord>>;

/** Reads a file such as `{ "ann": { "password": "$scrypt$...", "permissions": ["read", "list"] } }`. */
export async function readUsersFile(path: string): Promise<UserTable> {
  const file = await open(path, 'r');
  try {
    const { mode } = await file.stat();
    if (process.platform !== 'win32' && (mode & OTHERS_WRITE) !== 0) {
      throw usageError(`Other users may change the file of users ${path}. Run: chmod go-w ${path}`);
    }
    return parseUsers(await file.readFile('utf8'), path);
  } finally {
    await file.close();
  }
}

function parseUsers(text: string, path: string): UserTable {
  const table = parseJson(text, path);
  if (typeof table !== 'object' || table === null || Array.isArray(table)) {
    throw usageError(
      `The file of users ${path} must contain an object: the records of users by their names.`,
    );
  }
  for (const [name, record] of Object.entries(table as Record<string, unknown>)) {
    // A storage is an object with methods, which no JSON has.
    if (typeof record === 'object' && record !== null && 'storage' in record)
      throw usageError(`In the file of users ${path}, '${name}' must not have a storage.`);
  }
  return table as UserTable;
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The message of the parser would quote the text, which may be a secret.
    throw usageError(`The file of users ${path} is not JSON.`);
  }
}

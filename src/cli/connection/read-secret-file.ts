/** Passwords and tokens in files. */
import { open, type FileHandle } from 'node:fs/promises';
import { usageError } from '../runner/usage-error.js';

/** Bytes of a file with a password or token. A larger one is another file. */
const MAX_SECRET_FILE_BYTES = 4_096;

/** Permission bits of the group and of others. */
const OTHERS = 0o077;

/** The first line of a file. Throws a UsageError if the file can be used by other users, or has no text. */
export async function readSecretFile(path: string): Promise<string> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw usageError(
      `The file ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
    );
  });
  try {
    await refuseIfShared(file, path);
    return await firstLine(file, path);
  } finally {
    await file.close();
  }
}

async function refuseIfShared(file: FileHandle, path: string): Promise<void> {
  const stats = await file.stat();
  // Windows has no permission bits, and a pipe belongs to the process that made it.
  if (process.platform === 'win32' || !stats.isFile()) return;
  if ((stats.mode & OTHERS) === 0) return;
  throw usageError(`Other users may read or change the file ${path}. Run: chmod 600 ${path}`);
}

async function firstLine(file: FileHandle, path: string): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of file.createReadStream({ autoClose: false, end: MAX_SECRET_FILE_BYTES })) {
    pieces.push(piece as Buffer);
    length += (piece as Buffer).length;
  }
  if (length > MAX_SECRET_FILE_BYTES) {
    throw usageError(
      `The file ${path} has more than ${MAX_SECRET_FILE_BYTES} bytes: it must contain one line.`,
    );
  }
  const [line = ''] = Buffer.concat(pieces).toString('utf8').split(/\r?\n/);
  if (line !== '') return line;
  throw usageError(`The first line of the file ${path} is empty.`);
}

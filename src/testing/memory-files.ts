/** Files in memory for a test. */
import { parseRemotePath, REMOTE_ROOT, splitPath } from '../protocol/remote-path.js';
import { MemoryStorage } from '../storage/memory/memory-storage.js';

/**
 * Makes a storage in memory that holds files. Their directories are created.
 *
 * @param files - by path, with their content; a string is stored in UTF-8
 * @throws TransferError if a path is not valid, e.g. with EINVAL
 */
export async function memoryFiles(
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  for (const [name, content] of Object.entries(files)) {
    const path = parseRemotePath(name);
    const { directory } = splitPath(path);
    if (directory !== REMOTE_ROOT) await storage.mkdir(directory, { recursive: true });
    await storage.writeFile(path, [Buffer.from(content)], { overwrite: true });
  }
  return storage;
}

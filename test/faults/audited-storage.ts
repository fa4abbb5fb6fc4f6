/** A storage that records every change, so that unrequested changes are detected. */
import { crc32 } from 'node:zlib';
import { MemoryStorage, type PendingFile, type RemotePath, type Storage } from '../../src/index.js';
import type { StorageWriteOptions } from '../../src/storage/storage.js';

export class AuditedStorage implements Storage {
  /** Every change since it was made, such as `write folder/a 0a1b2c3d` with the bytes' CRC-32. */
  readonly changes = new Set<string>();
  /** The inner storage; direct changes of it are not recorded. */
  readonly files = new MemoryStorage();

  readonly stat: Storage['stat'] = (path) => this.files.stat(path);
  readonly list: Storage['list'] = (path, options) => this.files.list(path, options);
  readonly read: Storage['read'] = (path) => this.files.read(path);

  readonly mkdir: NonNullable<Storage['mkdir']> = (path, options) => {
    this.changes.add(`mkdir ${path}`);
    return this.files.mkdir(path, options);
  };

  readonly remove: NonNullable<Storage['remove']> = (path, options) => {
    this.changes.add(`remove${options.recursive ? ' recursive' : ''} ${path}`);
    return this.files.remove(path, options);
  };

  readonly rename: NonNullable<Storage['rename']> = (from, to, options) => {
    this.changes.add(`rename${options.overwrite ? ' over' : ''} ${from} ${to}`);
    return this.files.rename(from, to, options);
  };

  readonly copy: NonNullable<Storage['copy']> = (from, to, options) => {
    this.changes.add(`copy${options.overwrite ? ' over' : ''} ${from} ${to}`);
    return this.files.copy(from, to, options);
  };

  async write(path: RemotePath, options: StorageWriteOptions): Promise<PendingFile> {
    const pending = await this.files.write(path, options);
    let sum = 0;
    return {
      write: (pieces) => {
        for (const piece of pieces) sum = crc32(piece, sum);
        return pending.write(pieces);
      },
      commit: () => {
        this.changes.add(`write ${path} ${sumText(sum)}`);
        return pending.commit();
      },
      discard: () => pending.discard(),
    };
  }
}

/** A CRC-32 as the notes write it. */
export function sumText(sum: number): string {
  return sum.toString(16).padStart(8, '0');
}

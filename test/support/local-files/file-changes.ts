/** Changes of files that only their etags reveal, not their sizes and times. */
import fs from 'node:fs';

/** Changes that leave the bytes as they are. */
export const metadataChanges: readonly (readonly [string, (file: string) => void])[] = [
  ['gets other permissions', (file) => fs.chmodSync(file, 0o640)],
  ['gets a second name', (file) => fs.linkSync(file, `${file}-backup`)],
  [
    'loses a second name',
    (file) => {
      fs.linkSync(file, `${file}-backup`);
      fs.unlinkSync(`${file}-backup`);
    },
  ],
  [
    'is renamed and gets its name back',
    (file) => {
      fs.renameSync(file, `${file}.1`);
      fs.renameSync(`${file}.1`, file);
    },
  ],
  ['gets another access time', (file) => fs.utimesSync(file, new Date(), fs.statSync(file).mtime)],
  [
    'is replaced by a copy with its time',
    (file) => {
      fs.cpSync(file, `${file}.copy`, { preserveTimestamps: true });
      fs.renameSync(`${file}.copy`, file);
    },
  ],
];

/** Writes one byte in place, and sets the modification time back. */
export function changeByte(file: string, position: number): void {
  const { mtime } = fs.statSync(file);
  const byte = fs.readFileSync(file)[position] ?? 0;
  const fd = fs.openSync(file, 'r+');
  fs.writeSync(fd, Buffer.of(byte ^ 1), 0, 1, position);
  fs.closeSync(fd);
  fs.utimesSync(file, mtime, mtime);
}

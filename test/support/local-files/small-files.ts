/** Small local files, and a reader that reads them at once. */
import fs from 'node:fs';
import path from 'node:path';
import { LocalSource } from '../../../src/client/local/local-source.js';
import { SmallFileReader } from '../../../src/client/local/small-file-reader.js';
import { bytesOf } from '../bytes.js';
import { temporaryDirectory } from '../servers/serve.js';

/** Files of these sizes in a directory of their own, by their paths. */
export async function smallFiles(...sizes: number[]): Promise<string[]> {
  const directory = await temporaryDirectory();
  return sizes.map((size, index) => {
    const file = path.join(directory, `file-${index}`);
    fs.writeFileSync(file, bytesOf(size, index));
    return file;
  });
}

/** A small file reader that has read one file. */
export async function awakeReader(): Promise<SmallFileReader> {
  const small = new SmallFileReader();
  await byThreads(small, import.meta.filename);
  return small;
}

export async function byThreads(small: SmallFileReader, file: string): Promise<Buffer | undefined> {
  const source = await LocalSource.open(file);
  try {
    const read = await small.readFrom(source);
    return read && (await small.holding(read, async () => read.bytes));
  } finally {
    await source.close();
  }
}

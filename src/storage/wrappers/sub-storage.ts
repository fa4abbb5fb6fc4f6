/**
 * A directory of a storage as a storage: each method is the other one's, with paths that are translated on their way in
 * and out. What would be done to the directory itself, the other storage's rules for its root do not cover.
 */
import { TransferError } from '../../errors.js';
import { parseUserPath, REMOTE_ROOT } from '../../protocol/remote-path.js';
import type { Storage } from '../storage.js';
import { PathTranslator } from './path-translator.js';

/**
 * A storage whose root is a directory of another one, which must exist when it is used. It has only the methods that
 * the other one has, and no `close`: the other one is closed by whoever made it.
 *
 * @param directory - its path in the other storage; a leading `/` is allowed
 * @throws TransferError EILSEQ or ENAMETOOLONG for a path that is not allowed
 */
export function subStorage(storage: Storage, directory: string): Storage {
  const place = new PathTranslator(parseUserPath(directory));
  const readFile = storage.readFile?.bind(storage);
  return {
    stat: async (path) => {
      const entry = await place.run(place.toOuter(path), async (outer) =>
        place.entry(await storage.stat(outer)),
      );
      if (path === REMOTE_ROOT && entry.kind !== 'directory')
        throw new TransferError('ENOTDIR', undefined, { path });
      return entry;
    },
    list: (path, options) => place.listing(path, (outer) => storage.list(outer, options)),
    read: async (path) =>
      place.run(place.file(path), async (outer) => place.stored(await storage.read(outer))),
    ...(readFile && {
      readFile: async (path) =>
        place.run(place.file(path), async (outer) => {
          const file = await readFile(outer);
          return file && { ...file, entry: place.entry(file.entry) };
        }),
    }),
    ...writingFiles(storage, place),
    ...changingTree(storage, place),
  };
}

type WritingFiles = Pick<Storage, 'write' | 'append' | 'writeFile' | 'resume' | 'copy'>;

function writingFiles(storage: Storage, place: PathTranslator): WritingFiles {
  const write = storage.write?.bind(storage);
  const append = storage.append?.bind(storage);
  const writeFile = storage.writeFile?.bind(storage);
  const resume = storage.resume?.bind(storage);
  const copy = storage.copy?.bind(storage);
  const methods: WritingFiles = {};
  if (write) {
    methods.write = async (path, options) =>
      place.run(place.file(path), async (outer) => place.pending(await write(outer, options)));
  }
  if (append) {
    methods.append = async (path, options) =>
      place.run(place.file(path), async (outer) => place.pending(await append(outer, options)));
  }
  if (writeFile) {
    methods.writeFile = async (path, pieces, options) =>
      place.run(place.file(path), async (outer) => place.entry(await writeFile(outer, pieces, options)));
  }
  if (resume) {
    methods.resume = async (path, options) =>
      place.run(place.file(path), async (outer) => place.resumption(await resume(outer, options)));
  }
  if (copy) {
    methods.copy = async (from, to, options) => {
      const target = place.file(to);
      return place.run(place.file(from), async (source) => place.entry(await copy(source, target, options)));
    };
  }
  return methods;
}

type ChangingTree = Pick<Storage, 'mkdir' | 'remove' | 'rename' | 'utimes'>;

function changingTree(storage: Storage, place: PathTranslator): ChangingTree {
  const mkdir = storage.mkdir?.bind(storage);
  const remove = storage.remove?.bind(storage);
  const rename = storage.rename?.bind(storage);
  const utimes = storage.utimes?.bind(storage);
  const methods: ChangingTree = {};
  if (mkdir) {
    methods.mkdir = async (path, options) =>
      place.run(place.toOuter(path), async (outer) => {
        // Where the directory itself is gone, nothing that is made in it may bring it back.
        if (options.recursive && path !== REMOTE_ROOT) await storage.stat(place.toOuter(REMOTE_ROOT));
        await mkdir(outer, options);
      });
  }
  if (remove) {
    methods.remove = async (path, options) =>
      place.run(place.changeable(path), (outer) => remove(outer, options));
  }
  if (rename) {
    methods.rename = async (from, to, options) => {
      const target = place.changeable(to);
      return place.run(place.changeable(from), (source) => rename(source, target, options));
    };
  }
  if (utimes) {
    methods.utimes = async (path, mtime) =>
      place.run(place.changeable(path), async (outer) => place.entry(await utimes(outer, mtime)));
  }
  return methods;
}

/**
 * A directory of a storage as a storage of its own. Each method calls the same method of the outer storage with translated
 * paths. Operations on the directory itself are checked here, because the outer storage does not treat it as a root.
 */
import { TransferError } from '../../errors.js';
import { parseDirectoryPath, REMOTE_ROOT } from '../../protocol/remote-path.js';
import type { Storage } from '../storage.js';
import { PathTranslator } from './path-translator.js';

/**
 * Makes a storage whose root is a directory of another storage. The directory must exist when the storage is used. The
 * result has only the methods that the other storage has, and no `close`: close the other storage.
 *
 * @param directory - path in the other storage; a leading `/` is allowed
 * @throws TransferError EILSEQ or ENAMETOOLONG for an invalid path
 */
export function subStorage(storage: Storage, directory: string): Storage {
  const paths = new PathTranslator(parseDirectoryPath(directory), (path) => storage.stat(path));
  const readFile = storage.readFile?.bind(storage);
  const watch = storage.watch?.bind(storage);
  return {
    stat: async (path) =>
      paths.run(paths.toOuter(path), async (outer) => {
        const entry = paths.entry(await storage.stat(outer));
        if (path === REMOTE_ROOT && entry.kind !== 'directory')
          throw new TransferError('ENOTDIR', undefined, { path });
        return entry;
      }),
    list: (path, { onOmitted, ...options }) =>
      paths.listing(path, (outer) =>
        storage.list(outer, { ...options, onOmitted: onOmitted && paths.omittedListener(onOmitted) }),
      ),
    read: async (path) =>
      paths.run(paths.file(path), async (outer) => paths.stored(await storage.read(outer))),
    ...(readFile && {
      readFile: (path) =>
        paths.pass(paths.file(path), readFile, (file) => file && { ...file, entry: paths.entry(file.entry) }),
    }),
    ...(watch && { watch: (path, options) => paths.watching(path, (outer) => watch(outer, options)) }),
    ...writingFiles(storage, paths),
    ...changingTree(storage, paths),
  };
}

type WritingFiles = Pick<Storage, 'write' | 'append' | 'writeFile' | 'resume' | 'uploadStatus' | 'copy'>;

function writingFiles(storage: Storage, paths: PathTranslator): WritingFiles {
  const write = storage.write?.bind(storage);
  const append = storage.append?.bind(storage);
  const writeFile = storage.writeFile?.bind(storage);
  const resume = storage.resume?.bind(storage);
  const uploadStatus = storage.uploadStatus?.bind(storage);
  const copy = storage.copy?.bind(storage);
  const methods: WritingFiles = {};
  if (write) {
    methods.write = async (path, options) =>
      paths.run(paths.file(path), async (outer) => paths.pending(await write(outer, options)));
  }
  if (append) {
    methods.append = async (path, options) =>
      paths.run(paths.file(path), async (outer) => paths.pending(await append(outer, options)));
  }
  if (writeFile) {
    methods.writeFile = (path, pieces, options) =>
      paths.pass(
        paths.file(path),
        (outer) => writeFile(outer, pieces, options),
        (entry) => paths.entry(entry),
      );
  }
  if (resume) {
    methods.resume = async (path, options) =>
      paths.run(paths.file(path), async (outer) => paths.resumeResult(await resume(outer, options)));
  }
  if (uploadStatus) {
    methods.uploadStatus = async (path, uploadId) =>
      paths.run(paths.file(path), async (outer) => paths.uploadStatus(await uploadStatus(outer, uploadId)));
  }
  if (copy) {
    methods.copy = async (from, to, options) => {
      const target = paths.file(to);
      return paths.run(paths.file(from), async (source) => paths.entry(await copy(source, target, options)));
    };
  }
  return methods;
}

type ChangingTree = Pick<Storage, 'mkdir' | 'remove' | 'rename' | 'utimes' | 'chmod'>;

function changingTree(storage: Storage, paths: PathTranslator): ChangingTree {
  const mkdir = storage.mkdir?.bind(storage);
  const remove = storage.remove?.bind(storage);
  const rename = storage.rename?.bind(storage);
  const utimes = storage.utimes?.bind(storage);
  const chmod = storage.chmod?.bind(storage);
  const methods: ChangingTree = {};
  if (mkdir) {
    methods.mkdir = async (path, options) =>
      paths.run(paths.toOuter(path), async (outer) => {
        // A recursive `mkdir` must not create the directory of this storage again after it was removed.
        if (options.recursive && path !== REMOTE_ROOT) await paths.requireDirectory();
        await mkdir(outer, options);
      });
  }
  if (remove) {
    methods.remove = async (path, options) =>
      paths.run(paths.changeable(path), (outer) => remove(outer, options));
  }
  if (rename) {
    methods.rename = async (from, to, options) => {
      const target = paths.changeable(to);
      return paths.run(paths.changeable(from), (source) => rename(source, target, options));
    };
  }
  if (utimes) {
    methods.utimes = async (path, mtime) =>
      paths.run(paths.changeable(path), async (outer) => paths.entry(await utimes(outer, mtime)));
  }
  if (chmod) {
    methods.chmod = async (path, mode) =>
      paths.run(paths.changeable(path), async (outer) => paths.entry(await chmod(outer, mode)));
  }
  return methods;
}

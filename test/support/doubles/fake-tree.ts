/** A tree of files in memory, for plans without a disk and a server. */
import { planSettings, type PlanOptions } from '../../../src/client/directories/options.js';
import { planTrees } from '../../../src/client/directories/plan-trees.js';
import type { SyncPlan } from '../../../src/client/directories/plan/sync-plan.js';
import type { ListRequest, ScannedEntry, Tree } from '../../../src/client/directories/scan/tree.js';
import { TransferError } from '../../../src/index.js';
import { REMOTE_ROOT } from '../../../src/protocol/remote-path.js';

/** The time of all entries, in ms. */
export const FAKE_MS = 1_600_000_000_000;

export class FakeTree implements Tree {
  mtimeStepMs = 1;
  foldsNames = false;
  hasModes = false;
  canTouchRoot = false;
  /** Directories that cannot be listed, and why. */
  readonly failures = new Map<string, TransferError>();
  readonly #entries = new Map<string, ScannedEntry>();
  readonly #contents = new Map<string, string>();
  #folds = false;

  /** @param files - contents by path; a path with `/` at the end is a directory */
  constructor(files: Record<string, string>) {
    this.set('', { kind: 'directory' });
    for (const [path, content] of Object.entries(files)) {
      for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1))
        this.set(path.slice(0, slash), { kind: 'directory' });
      if (path.endsWith('/')) continue;
      this.set(path, { kind: 'file', size: content.length });
      this.#contents.set(path, content);
    }
  }

  /** Makes the tree take names for one that differ by case or Unicode form. */
  folding(): this {
    this.#folds = true;
    this.foldsNames = true;
    return this;
  }

  /** Adds or changes an entry. */
  set(path: string, entry: Partial<ScannedEntry> & Pick<ScannedEntry, 'kind'>): this {
    const name = path.slice(path.lastIndexOf('/') + 1);
    this.#entries.set(path, { size: 0, mtimeMs: FAKE_MS, ...entry, name });
    return this;
  }

  async stat(path: string): Promise<ScannedEntry | undefined> {
    const form = (text: string): string => (this.#folds ? text.normalize('NFC').toLowerCase() : text);
    return [...this.#entries].find(([known]) => form(known) === form(path))?.[1];
  }

  async list(path: string, { add }: ListRequest): Promise<number> {
    const failure = this.failures.get(path);
    if (failure) throw failure;
    const prefix = path === '' ? '' : `${path}/`;
    for (const [known, entry] of this.#entries) {
      const isInside = known !== '' && known.startsWith(prefix) && !known.slice(prefix.length).includes('/');
      if (isInside) add(entry);
    }
    return 0;
  }

  async prefixChecksum(path: string, bytes: number): Promise<string> {
    return `sha256:${this.contentOf(path)?.slice(0, bytes)}`;
  }

  /** The content of a file. */
  contentOf(path: string): string | undefined {
    return this.#contents.get(path);
  }

  /** All entries by their paths. */
  get entries(): ReadonlyMap<string, ScannedEntry> {
    return this.#entries;
  }

  async checksum(path: string): Promise<string> {
    const content = this.#contents.get(path);
    if (content === undefined) throw new TransferError('ENOENT');
    return `sha256:${content}`;
  }
}

/** The plan that makes `target`, a tree on a server, equal to `source`. */
export function planOfTrees(source: Tree, target: Tree, options: PlanOptions = {}): SyncPlan {
  const roots = { local: '/local', remote: REMOTE_ROOT, direction: 'upload' } as const;
  return planTrees({ source, target }, { roots, settings: planSettings(options), isCheck: false });
}

/**
 * The usage reserved for one new version of a file: reserved at once for an announced size, else as its bytes arrive,
 * and turned into stored usage by the commit. The file that the version replaces counts as freed.
 */
import { TransferError } from '../../errors.js';
import type { FileEntry } from '../../protocol/entry.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import type { QuotaContext } from './quota-account.js';
import { afterRename } from './suspended-versions.js';
import { minus, noUsage, replacedAt, type Usage } from './usage.js';

export class QuotaReservation {
  readonly #context: QuotaContext;
  readonly #path: RemotePath;
  /** Its path after renames of its directories: a storage may have moved the bytes along. */
  #movedTo: string;
  #reserved: Usage;
  #replaced: Usage = noUsage;
  #claimsReplaced = false;
  #closed = false;

  /**
   * Reserves for a version. EFBIG, EDQUOT.
   *
   * @param version - its path, the bytes that it has or announces, and the usage that is reserved for it already
   */
  static async open(
    context: QuotaContext,
    version: { path: RemotePath; bytes: number; reserved?: Usage | undefined },
  ): Promise<QuotaReservation> {
    const { path, bytes, reserved = noUsage } = version;
    const reservation = new QuotaReservation(context, path, reserved);
    try {
      reservation.#requireSize(bytes);
      reservation.#claimsReplaced = context.account.claimReplaced(path);
      if (reservation.#claimsReplaced) reservation.#replaced = await replacedAt(context.storage, path);
      await reservation.#reserve(bytes);
      return reservation;
    } catch (error) {
      reservation.close();
      throw error;
    }
  }

  private constructor(context: QuotaContext, path: RemotePath, reserved: Usage) {
    this.#context = context;
    this.#path = this.#movedTo = path;
    this.#reserved = reserved;
    context.account.enter();
    context.account.reservations.add(this);
  }

  /** Reserves for a version of so many bytes in all. EFBIG, EDQUOT. */
  async grow(bytes: number): Promise<void> {
    this.#requireSize(bytes);
    if (this.#needed(bytes).bytes > this.#reserved.bytes) await this.#reserve(bytes);
  }

  /** Calls `store` while no other change touches the version's path and `paths`, and counts what it stores. EDQUOT. */
  async commit(
    bytes: number,
    store: () => Promise<FileEntry>,
    paths: readonly RemotePath[] = [],
  ): Promise<FileEntry> {
    const { account, onProgress } = this.#context;
    const attempt = (): Promise<FileEntry | undefined> =>
      account.lock.shared([this.#path, ...paths], () => this.#storeIfFits(bytes, store), onProgress);
    const entry = await attempt();
    if (entry) return entry;
    // The file to replace has been removed, or is smaller now.
    await this.#reserve(bytes);
    const stored = await attempt();
    if (!stored) throw new TransferError('EDQUOT');
    return stored;
  }

  get canSuspend(): boolean {
    return !this.#context.account.suspended.isFull;
  }

  /** A directory was renamed. */
  directoryRenamed(from: RemotePath, to: RemotePath): void {
    this.#movedTo = afterRename(this.#movedTo, from, to);
  }

  /** A directory was removed: what is left of the version is found at its path. */
  directoryRemoved(directory: RemotePath): void {
    if (this.#movedTo.startsWith(`${directory}/`)) this.#movedTo = this.#path;
  }

  /** Closes the reservation of a suspended version, which counts as a whole new file while it can be resumed. */
  async suspend(bytes: number, uploadId: string): Promise<void> {
    if (this.#closed) return;
    const { account, storage, quota } = this.#context;
    const usage = { bytes, files: 1 };
    account.ledger.reserve(minus(usage, this.#reserved));
    account.suspended.keep({ path: this.#path, movedTo: this.#movedTo, uploadId, usage });
    this.#reserved = noUsage;
    this.close();
    // This version stays; older ones may have to make room for it.
    await account.suspended.discardOldest(storage, () => !account.ledger.exceeds(quota), 1);
  }

  /** Releases the reserved usage. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { account } = this.#context;
    account.reservations.delete(this);
    account.ledger.release(this.#reserved);
    if (this.#claimsReplaced) account.unclaimReplaced(this.#path);
    account.leave();
  }

  #requireSize(bytes: number): void {
    const { fileBytes = Infinity } = this.#context.quota;
    if (bytes <= fileBytes) return;
    throw new TransferError('EFBIG', `The file has ${bytes} bytes or more; the quota allows ${fileBytes}.`);
  }

  async #reserve(bytes: number): Promise<void> {
    await this.#context.account.reserve(minus(this.#needed(bytes), this.#reserved), this.#context);
    this.#reserved = this.#needed(bytes);
  }

  #needed(bytes: number): Usage {
    return { bytes: Math.max(0, bytes - this.#replaced.bytes), files: 1 - this.#replaced.files };
  }

  async #storeIfFits(bytes: number, store: () => Promise<FileEntry>): Promise<FileEntry | undefined> {
    const { storage, quota, account } = this.#context;
    const before = await replacedAt(storage, this.#path);
    this.#replaced = before;
    if (!account.tryReserve(minus(this.#needed(bytes), this.#reserved), quota)) return undefined;
    this.#reserved = this.#needed(bytes);
    const entry = await store().catch(async (thrown: unknown) => {
      await this.#recount(before);
      throw thrown;
    });
    account.ledger.change(minus({ bytes: entry.size, files: 1 }, before));
    return entry;
  }

  /** A commit that failed may have published the version before. */
  async #recount(before: Usage): Promise<void> {
    const { storage, account } = this.#context;
    try {
      account.ledger.change(minus(await replacedAt(storage, this.#path), before));
    } catch {
      account.ledger.stored = undefined;
    }
  }
}

/**
 * Room for a new version of a file: reserved as its bytes come, or at once if their number is known, and settled when
 * it has its name. What it replaces counts as given back.
 */
import { TransferError } from '../../errors.js';
import type { FileEntry } from '../../protocol/entry.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import type { QuotaAccount, QuotaContext } from './quota-account.js';
import { minus, nothing, type Usage } from './quota-ledger.js';
import { replacedAt } from './usage.js';

/** Which version. */
export interface RoomPlan {
  readonly path: RemotePath;
  /** Bytes that are known to come, or are there already. */
  readonly bytes: number;
  /** What is reserved for it already. */
  readonly taken?: Usage | undefined;
}

export class QuotaReservation {
  readonly #account: QuotaAccount;
  readonly #terms: QuotaContext;
  readonly #path: RemotePath;
  #taken: Usage;
  #replaced: Usage = nothing;
  #mayReplace = false;
  #isOver = false;

  /** Reserves room for a version. EFBIG, EDQUOT. */
  static async open(account: QuotaAccount, terms: QuotaContext, plan: RoomPlan): Promise<QuotaReservation> {
    const room = new QuotaReservation(account, terms, plan);
    try {
      room.#requireSize(plan.bytes);
      await room.#lookAtReplaced();
      await room.#take(plan.bytes);
      return room;
    } catch (error) {
      room.close();
      throw error;
    }
  }

  private constructor(account: QuotaAccount, terms: QuotaContext, { path, taken = nothing }: RoomPlan) {
    this.#account = account;
    this.#terms = terms;
    this.#path = path;
    this.#taken = taken;
    account.enter();
  }

  /** Makes it large enough for so many bytes in all. EFBIG, EDQUOT. */
  async grow(bytes: number): Promise<void> {
    this.#requireSize(bytes);
    if (this.#need(bytes).bytes > this.#taken.bytes) await this.#take(bytes);
  }

  /** Stores the version, which changes these paths besides its own, while nobody else does. EDQUOT. */
  async settle(
    bytes: number,
    store: () => Promise<FileEntry>,
    paths: readonly RemotePath[] = [],
  ): Promise<FileEntry> {
    const { lock } = this.#account;
    const attempt = (): Promise<FileEntry | undefined> =>
      lock.shared([this.#path, ...paths], () => this.#storeIfFits(bytes, store));
    const entry = await attempt();
    if (entry) return entry;
    // What it was to replace is gone, or has become smaller.
    await this.#take(bytes);
    const stored = await attempt();
    if (!stored) throw new TransferError('EDQUOT');
    return stored;
  }

  /** It is suspended: it counts as a whole new file, as long as it waits for being gone on with. */
  async suspend(bytes: number, uploadId: string): Promise<void> {
    if (this.#isOver) return;
    const amount = { bytes, files: 1 };
    this.#account.ledger.reserve(minus(amount, this.#taken));
    this.#account.suspended.keep(this.#path, uploadId, amount);
    this.#taken = nothing;
    this.close();
    await this.#account.trim(this.#terms);
  }

  /** Gives back what is reserved. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#account.ledger.release(this.#taken);
    if (this.#mayReplace) this.#account.replaces(this.#path);
    this.#account.leave();
  }

  #requireSize(bytes: number): void {
    const { fileBytes = Infinity } = this.#terms.quota;
    if (bytes > fileBytes) throw new TransferError('EFBIG', `A file may have ${fileBytes} bytes at most.`);
  }

  async #lookAtReplaced(): Promise<void> {
    this.#mayReplace = this.#account.mayReplace(this.#path);
    if (this.#mayReplace) this.#replaced = await replacedAt(this.#terms.storage, this.#path);
  }

  async #take(bytes: number): Promise<void> {
    const more = minus(this.#need(bytes), this.#taken);
    await this.#account.take(more, this.#terms);
    this.#taken = this.#need(bytes);
  }

  #need(bytes: number): Usage {
    return { bytes: Math.max(0, bytes - this.#replaced.bytes), files: 1 - this.#replaced.files };
  }

  async #storeIfFits(bytes: number, store: () => Promise<FileEntry>): Promise<FileEntry | undefined> {
    const { storage, quota } = this.#terms;
    const before = await replacedAt(storage, this.#path);
    this.#replaced = before;
    const more = minus(this.#need(bytes), this.#taken);
    if (!this.#account.reserved(more, quota)) return undefined;
    this.#taken = this.#need(bytes);
    const entry = await store().catch(async (thrown: unknown) => {
      await this.#lookAgain(before);
      throw thrown;
    });
    this.#account.ledger.changed(minus({ bytes: entry.size, files: 1 }, before));
    return entry;
  }

  /** What has failed may have failed after it had its name. */
  async #lookAgain(before: Usage): Promise<void> {
    const { ledger } = this.#account;
    try {
      ledger.changed(minus(await replacedAt(this.#terms.storage, this.#path), before));
    } catch {
      ledger.measured(undefined);
    }
  }
}

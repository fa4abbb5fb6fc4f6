/**
 * An upload of a local file that a later call can resume, also in another process. As long as the file is unchanged, the
 * upload has the same id, by which the server finds the bytes that it has.
 *
 *     LocalSource -> resumableUploadId -> UploadTransfer -> onOffset(N): checksum of 0..N, write N.. -> unchanged? -> end
 */
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { TransferError } from '../../errors.js';
import { hasErrno } from '../../fs/errno.js';
import { BodyChecksum } from '../../protocol/body-checksum.js';
import { Deferred } from '../connection/deferred.js';
import { conditionsFor, type FileUploadPlan, type UploadedFile } from './file-upload-settings.js';
import { updateChecksum } from './read-pieces.js';
import type { LocalSource } from './local-source.js';
import type { ClientContext } from '../request/client-context.js';
import { UploadBody } from '../streams/upload-body.js';
import type { StoredUpload } from '../streams/upload-stream.js';
import type { UploadPlan } from '../streams/upload-plan.js';
import { UploadTransfer } from '../streams/upload-transfer.js';

/** Times that a file is sent again because it was damaged on its way. */
const MAX_DAMAGES = 3;

export class ResumableFileUpload {
  readonly #context: ClientContext;
  readonly #plan: FileUploadPlan;
  readonly #source: LocalSource;
  #realPath = '';
  /** Of the file from byte 0; kept over all attempts. */
  #checksum: BodyChecksum;
  #hasRestarted = false;
  #damages = 0;
  /** Whether the server has discarded bytes that were damaged, and that are not kept here. */
  #isLost = false;

  constructor(context: ClientContext, plan: FileUploadPlan, source: LocalSource) {
    this.#context = context;
    this.#plan = plan;
    this.#source = source;
    this.#checksum = new BodyChecksum(context.checksum);
  }

  /** Resolves when the file is stored. */
  async run(): Promise<UploadedFile> {
    this.#realPath = await this.#source.realPath();
    for (;;) {
      try {
        return await this.#attempt();
      } catch (error) {
        this.#plan.scope.throwIfAborted();
        if (!this.#shouldRestart(error)) throw error;
      }
    }
  }

  /** The server has lost or discarded bytes that it had acknowledged; a file can be read again. */
  #shouldRestart(error: unknown): boolean {
    if (this.#isLost) return this.#context.dispatcher.reconnects && this.#damages++ < MAX_DAMAGES;
    const restarts = hasErrno(error, 'EGONE') && !this.#hasRestarted;
    this.#hasRestarted ||= restarts;
    return restarts;
  }

  async #attempt(): Promise<UploadedFile> {
    const offset = new Deferred<number>();
    const stored = new Deferred<StoredUpload>();
    const body = new UploadBody(this.#context.checksum, { isKept: true });
    const transfer = new UploadTransfer(this.#context, this.#planOf(body), {
      onOffset: (bytes) => {
        if (this.#checksum.bytes > bytes) this.#checksum = new BodyChecksum(this.#context.checksum);
        body.begin(bytes, this.#checksum);
        offset.resolve(bytes);
      },
      onStored: (upload) => stored.resolve(upload),
      onFailed: (error) => {
        offset.reject(() => error);
        stored.reject(() => error);
      },
    });
    try {
      transfer.start({ signal: this.#plan.scope.signal }, () => this.#plan.path);
      const resumedFrom = await offset.promise;
      await this.#checksumUpTo(resumedFrom, transfer);
      await this.#writeTo(transfer, body);
      // Before `end`, so that a mix of two versions is never stored.
      const read = { bytes: body.check.bytes, checksum: () => this.#checksum };
      await this.#source.assertUnchanged(read, () => this.#throwIfEnded(transfer));
      transfer.end();
      return { ...(await stored.promise), resumedFrom };
    } finally {
      this.#isLost = body.isLost;
      transfer.cancel();
    }
  }

  #planOf(body: UploadBody): UploadPlan {
    const { settings } = this.#plan;
    const conditions = conditionsFor(settings, this.#source.version);
    const { version } = this.#source;
    const resumeId = resumableUploadId(this.#context, this.#plan, { realPath: this.#realPath, version });
    return { conditions, resumeId, body, onProgress: settings.onProgress };
  }

  async #checksumUpTo(to: number, transfer: UploadTransfer): Promise<void> {
    // Without a size, the upload has an id that no server knows.
    const { size = 0 } = this.#source;
    if (to > size) {
      throw new TransferError('EPROTO', `The server asks for byte ${to} of an upload of ${size} bytes.`);
    }
    const pieces = this.#source.pieces({ from: this.#checksum.bytes, to });
    await updateChecksum(pieces, { checksum: this.#checksum, check: () => this.#throwIfEnded(transfer) });
  }

  async #writeTo(transfer: UploadTransfer, body: UploadBody): Promise<void> {
    const range = { from: body.from, to: this.#source.size ?? Infinity, free: () => body.from };
    for await (const piece of this.#source.pieces(range)) {
      this.#throwIfEnded(transfer);
      this.#plan.onAcknowledged?.(body.from);
      await new Promise<void>((resolve) => {
        transfer.write([piece], () => resolve());
      });
    }
    this.#throwIfEnded(transfer);
  }

  #throwIfEnded(transfer: UploadTransfer): void {
    this.#plan.scope.throwIfAborted();
    if (transfer.isClosed) throw transfer.failure;
  }
}

/** The same id in every process for the same bytes, remote path and conditions. */
export function resumableUploadId(
  { checksum }: ClientContext,
  { path, settings }: FileUploadPlan,
  { realPath, version }: Pick<LocalSource, 'version'> & { readonly realPath: string },
): string {
  const { overwrite, ifMatch, mtime, mode } = conditionsFor(settings, version);
  const conditions = [overwrite, ifMatch ?? null, mtime ?? null, checksum];
  if (mode !== undefined) conditions.push(mode);
  const identity = [realPath, ...version.identity];
  const all = [hostname(), process.getuid?.() ?? null, identity, path, conditions];
  return createHash('sha256').update(JSON.stringify(all)).digest('hex').slice(0, 32);
}

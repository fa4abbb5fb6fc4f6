/** An upload of bytes in memory. It needs no stream, and takes one round trip. */
import type { RemotePath } from '../../protocol/remote-path.js';
import type { CallOptions } from '../request/abort.js';
import type { ClientContext } from '../request/client-context.js';
import { UploadBody } from './upload-body.js';
import type { StoredUpload } from './upload-stream.js';
import type { UploadPlan } from './upload-plan.js';
import { UploadTransfer } from './upload-transfer.js';

export interface BufferUploadPlan extends Omit<UploadPlan, 'body'> {
  readonly path: RemotePath;
  /** Must not be changed until the upload has ended. */
  readonly bytes: Uint8Array;
  readonly options: CallOptions;
  /** Called if the bytes are in no queue any more: they were stored over the only connection that had them. */
  readonly free?: () => void;
}

/** Resolves when the bytes are stored. `resumedFrom` is the number of bytes that the server had before. */
export function uploadBuffer(
  context: ClientContext,
  plan: BufferUploadPlan,
): Promise<{ stored: StoredUpload; resumedFrom: number }> {
  const { bytes, path, options, free } = plan;
  const body = new UploadBody(context.checksum, { whole: bytes });
  let resumedFrom = 0;
  return new Promise((resolve, reject) => {
    const listener = {
      onOffset: (offset: number) => (resumedFrom = offset),
      onStored: (stored: StoredUpload) => {
        resolve({ stored, resumedFrom });
        if (!transfer.wasInterrupted) free?.();
      },
      onFailed: reject,
    };
    const transfer = new UploadTransfer(context, { ...plan, body }, listener);
    transfer.start(options, () => path);
    transfer.write([bytes], () => undefined);
    transfer.end();
  });
}

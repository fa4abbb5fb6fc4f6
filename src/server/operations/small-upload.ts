/**
 * An upload that is small and has no conditions. It is received whole before it is written, and is not acknowledged on the
 * way. So the client can always send all of it again, and nothing needs to be kept for that:
 *
 *     start -> accept -> all of the body -> compare -> write, commit -> result
 */
import { spareBuffers } from '../../memory/spare-buffers.js';
import { BodyCheck } from '../../protocol/checksum.js';
import type { FrameOf } from '../../protocol/frames.js';
import { EARLY_WINDOW_BYTES } from '../../protocol/limits.js';
import type { AnswerFields } from '../../session/server-channel.js';
import type { Exchange } from '../exchange.js';
import { writable, type Service } from './operation.js';
import { checkEnd, resultOf, wrongSize } from './upload-body.js';
import type { UploadPlan } from './upload-start.js';

/** Whether an upload is one: the client may send all of it at once, also after an attempt that was cut. */
export function isSmall({
  size = Infinity,
  offset = 0,
  overwrite = true,
  ifMatch,
}: FrameOf<'open'>): boolean {
  // Under a condition a further attempt might be refused for what this one has stored.
  return size <= EARLY_WINDOW_BYTES && offset === 0 && overwrite && ifMatch === undefined;
}

/** Receives and stores one. */
export async function receiveSmall(
  exchange: Exchange,
  service: Service,
  { id, path, algorithm: checksum, offset, options }: UploadPlan,
): Promise<AnswerFields<'result'>> {
  if (id !== undefined) service.uploads.forget(id);
  // By its id, so that a further attempt throws away what a process that died has left of this one.
  const pending = await writable(service, 'write').write(path, { isAtOnce: true, ...options });
  try {
    exchange.accept({ path, window: exchange.receiveWindow(service.windowBytes), checksum, offset });
    const check = new BodyCheck(checksum);
    const pieces = await receiveWhole(exchange, check);
    await pending.write(pieces);
    // The storage has them no longer.
    spareBuffers.giveAll(pieces);
    const entry = await pending.commit();
    return resultOf(entry, check);
  } catch (error) {
    await pending.discard();
    throw error;
  }
}

async function receiveWhole(exchange: Exchange, check: BodyCheck): Promise<Buffer[]> {
  const { size = 0 } = exchange.request;
  const pieces = (await exchange.reader.read(size)) ?? [];
  for (const piece of pieces) check.update(piece);
  if (check.bytes !== size) throw wrongSize(size);
  checkEnd(exchange.reader.end, check);
  exchange.throwIfCancelled();
  return pieces;
}

/** The progress of a copy that is one system call: the size of its target. */
import type { FileCalls } from '../calls/file-calls.js';
import { clearInterval, setInterval } from '../../../clock.js';

/** Interval in ms between two looks at the target. */
const INTERVAL_MS = 1_000;

/** Waits for the copy into a file, and calls `onProgress` while the file grows. */
export async function withCopyProgress(
  copy: Promise<void>,
  { calls, target, onProgress }: { calls: FileCalls; target: number; onProgress: () => void },
): Promise<void> {
  let bytes = 0n;
  let look = Promise.resolve();
  const lookAtSize = async (): Promise<void> => {
    const { size } = await calls.fstat(target);
    if (size !== bytes) onProgress();
    bytes = size;
  };
  // The end of the copy tells about a failure.
  const timer = setInterval(() => {
    look = lookAtSize().catch(() => undefined);
  }, INTERVAL_MS).unref();
  try {
    await copy;
  } finally {
    clearInterval(timer);
    // The caller may close the descriptor.
    await look;
  }
}

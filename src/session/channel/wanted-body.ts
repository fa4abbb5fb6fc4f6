/** Whether the server sends a body: a file or a listing, perhaps the value of a method, or nothing. */
export type WantedBody = 'body' | 'value' | 'nothing';

/** Bytes that a reader may have to be sent again. Enough for a stream's buffer, so that each turn brings as much. */
const CROWDED_WINDOW_BYTES = 256 * 1024;

/** Window of a value in bytes: most have no body, and it never has to grow. */
const VALUE_WINDOW_BYTES = 256 * 1024;

/**
 * The window in `open`, if that of a file is `windowBytes`. Where others wait, a reader may have to give its place to them
 * soon, and what it has not read by then is sent again.
 */
export function firstWindow(
  wants: WantedBody,
  { windowBytes, isCrowded }: { readonly windowBytes: number; readonly isCrowded: boolean },
): number | undefined {
  if (wants === 'nothing') return undefined;
  if (wants === 'value') return VALUE_WINDOW_BYTES;
  return isCrowded ? Math.min(windowBytes, CROWDED_WINDOW_BYTES) : windowBytes;
}

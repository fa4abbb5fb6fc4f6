/** The operations on whose channels a body or a value is sent; all others are answered with one frame. */
export const bodyOperations: ReadonlySet<string> = new Set([
  'download',
  'upload',
  'list',
  'call',
  'methods',
  'stream',
  'watch',
  'batch',
]);

/** Those of them whose body the client always sends. */
const clientBodyOperations: ReadonlySet<string> = new Set(['upload', 'stream', 'batch']);

/** Those of them whose body the server always sends. */
export const serverBodyOperations: ReadonlySet<string> = new Set([
  'download',
  'list',
  'stream',
  'watch',
  'batch',
]);

/** Those of them whose ends both send a body, which each ends with `end`. */
export const duplexOperations: ReadonlySet<string> = new Set(['stream']);

/** Whether the client sends a body after an `open`. A call has one if its input is too large for a field. */
export function hasClientBody({
  op,
  size,
}: {
  readonly op: string;
  readonly size?: number | undefined;
}): boolean {
  return clientBodyOperations.has(op) || (op === 'call' && size !== undefined);
}

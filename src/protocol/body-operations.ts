/** The operations on whose channels a file, a listing or a value is sent; all others are answered with one frame. */
export const bodyOperations: ReadonlySet<string> = new Set(['download', 'upload', 'list', 'call', 'methods']);

/** Those of them whose body the client always sends. */
export const clientBodyOperations: ReadonlySet<string> = new Set(['upload']);

/** Those of them whose body the server always sends. */
export const serverBodyOperations: ReadonlySet<string> = new Set(['download', 'list']);

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

/** The operations on whose channels files, a listing or a batch are sent; all others are answered with one frame. */
export const bodyOperations: ReadonlySet<string> = new Set(['download', 'upload', 'list', 'batch']);

/** Those of them whose body the client sends. */
export const clientBodyOperations: ReadonlySet<string> = new Set(['upload', 'batch']);

/** Those of them whose body the server sends. */
export const serverBodyOperations: ReadonlySet<string> = new Set(['download', 'list', 'batch']);

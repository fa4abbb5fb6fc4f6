/** The operations on whose channels a file, a listing or changes are sent; all others are answered with one frame. */
export const bodyOperations: ReadonlySet<string> = new Set(['download', 'upload', 'list', 'watch']);

/** Those of them whose body the client sends. */
export const clientBodyOperations: ReadonlySet<string> = new Set(['upload']);

/** Those of them whose body the server sends. */
export const serverBodyOperations: ReadonlySet<string> = new Set(['download', 'list', 'watch']);

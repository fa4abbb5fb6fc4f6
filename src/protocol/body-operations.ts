/** The operations on whose channels a body is sent; all others are answered with one frame. */
export const bodyOperations: ReadonlySet<string> = new Set(['download', 'upload', 'list', 'stream', 'watch']);

/** Those of them whose body the client sends. */
export const clientBodyOperations: ReadonlySet<string> = new Set(['upload', 'stream']);

/** Those of them whose body the server sends. */
export const serverBodyOperations: ReadonlySet<string> = new Set(['download', 'list', 'stream', 'watch']);

/** Those of them whose ends both send a body, which each ends with `end`. */
export const duplexOperations: ReadonlySet<string> = new Set(['stream']);

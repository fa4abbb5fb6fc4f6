/** The server side of the bench, for every contender. */
// @ts-check

/**
 * Tells the parent process where the server is, then how much memory it uses whenever asked, until the parent is gone.
 *
 * @param {unknown} address - for the client: a port, or more than that
 * @param {() => unknown} close
 */
export function serving(address, close) {
  process.on('message', () => {
    globalThis.gc?.();
    process.send?.(process.memoryUsage());
  });
  process.once('disconnect', () => void Promise.resolve(close()).finally(() => process.exit()));
  process.send?.({ address });
}

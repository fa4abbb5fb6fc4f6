/**
 * Calls back when everything that the peers had sent by now was read and decoded: the next turn of the event loop polls
 * the sockets, and TLS passes its records on in the one after. Returns a function that cancels the call.
 */
import { clearImmediate, setImmediate } from '../../clock.js';
export function afterInput(callback: () => void): () => void {
  let immediate = setImmediate(() => {
    immediate = setImmediate(callback);
  });
  return () => clearImmediate(immediate);
}

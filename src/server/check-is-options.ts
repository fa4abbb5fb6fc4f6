/** The check for options of a server that are the arguments of `listen()`, a frequent mistake. */
import { DEFAULT_PORT } from '../protocol/limits.js';

/** Throws a TypeError for the arguments of `listen()`, and for a root that is not in an object. */
export function checkIsOptions(options: unknown): void {
  if (typeof options === 'string' && !/^\d+$/.test(options)) {
    throw new TypeError(
      `The options of FileServer must be an object: write new FileServer({ root: '${options}' }).`,
    );
  }
  if (typeof options === 'string' || typeof options === 'number') throw notListening(String(options));
  if (typeof options !== 'object' || options === null) return;
  const names = ['port', 'host', 'path', 'socketPath'].filter((name) => name in options);
  const [first] = names;
  if (first === undefined) return;
  const { port = DEFAULT_PORT, host, path, socketPath = path } = options as Record<string, unknown>;
  const address = typeof host === 'string' ? `${String(port)}, '${host}'` : String(port);
  throw notListening(typeof socketPath === 'string' ? `'${socketPath}'` : address, first);
}

function notListening(where: string, name?: string): TypeError {
  const what =
    name === undefined ? 'The options of FileServer must be an object' : `FileServer has no option ${name}`;
  return new TypeError(`${what}: write new FileServer({ ... }).listen(${where}).`);
}

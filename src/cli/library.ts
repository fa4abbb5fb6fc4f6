/** The library, loaded when a command needs it: the help starts without it. */

/** The public exports of the package. */
export type Library = typeof import('../index.js');

/** Loads the library that this program belongs to. */
export function loadLibrary(): Promise<Library> {
  return import('../index.js');
}

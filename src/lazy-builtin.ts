/**
 * Modules of Node that take milliseconds to load, and that most clients do not use: loaded by their first use. An `import` would
 * load them with the library.
 */
export const lazyBuiltin = {
  get crypto(): typeof import('node:crypto') {
    return process.getBuiltinModule('node:crypto');
  },
  get tls(): typeof import('node:tls') {
    return process.getBuiltinModule('node:tls');
  },
};

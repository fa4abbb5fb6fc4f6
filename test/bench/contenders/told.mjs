/** What a process of the bench was told when it was started. */
// @ts-check

/** @import { Places } from '../places.mjs' */

/** A server is told where the files are, and the options of its contender. @typedef {Places} ServerArgs */
/** A client is told also what its server has said. @typedef {Places & { address: number }} ClientArgs */

/** @type {unknown} */
export const told = JSON.parse(process.argv[2] ?? '');

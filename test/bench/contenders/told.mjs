/** The arguments of a process of the bench. */
// @ts-check

/** @import { Places } from '../measuring/places.mjs' */

/** The directories, and the options of the contender. @typedef {Places} ServerArgs */
/** The directories, and the address of the server. @typedef {Places & { address: number }} ClientArgs */

/** @type {unknown} */
export const told = JSON.parse(process.argv[2] ?? '');

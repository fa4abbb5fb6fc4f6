/** The tricks of all notations. */
import { binaryTricks } from './binary-tricks.js';
import { jsonTricks } from './json-tricks.js';
import { textTricks } from './text-tricks.js';
import type { Trick } from './trick.js';
import { xmlTricks } from './xml-tricks.js';

export const tricks: readonly Trick[] = [...textTricks, ...jsonTricks, ...xmlTricks, ...binaryTricks];

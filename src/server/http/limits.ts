/** The limits of HTTP, each with its unit and its reason. */

const KIB = 1024;

/** Bytes of the head of a request: a path of 4,096 bytes, percent-encoded, and the headers of a browser. */
export const MAX_HEAD_BYTES = 24 * KIB;

/** Headers of a request: several times those of a browser. */
export const MAX_HEADERS = 100;

/** Bytes of the header Authorization: with the other fields it must fit into a `hello`. */
export const MAX_AUTHORIZATION_BYTES = 2 * KIB;

/** Characters of the User-Agent that events and snapshots show. */
export const MAX_USER_AGENT_LENGTH = 200;

/** Time in ms that a connection without a request stays open: a reader of a page follows its next link. */
export const HTTP_IDLE_MS = 15_000;

/** Requests that a client may send before the first of them is answered. Browsers send one. */
export const MAX_PIPELINED_REQUESTS = 16;

/** Bytes of a file that wait in memory for the socket: enough for a whole chunk of a storage. */
export const HTTP_WINDOW_BYTES = 512 * KIB;

/** Entries of a directory that are sorted, in some 50 ms of the event loop. A longer listing has the order of the storage. */
export const MAX_SORTED_ENTRIES = 5_000;

/** Bytes of a page that are written at once. */
export const PAGE_PIECE_BYTES = 16 * KIB;

/** Entries of an archive in memory, about 200 bytes each: those of the directories on the way down. */
export const MAX_ARCHIVE_ENTRIES = 200_000;

/** Times that a file is looked at again because it changed between its headers and its bytes. */
export const MAX_CHANGED_FILES = 3;

/** Bytes of the headers of one part of a form: a name of 255 characters, escaped, and the words around it. */
export const MAX_PART_HEAD_BYTES = 8 * KIB;

/** Bytes of the value of a field of a form that is not a file. */
export const MAX_FORM_VALUE_BYTES = KIB;

/** Files of one form. */
export const MAX_FORM_PARTS = 1_000;

/** Characters of a boundary of a form, by RFC 2046. */
export const MAX_BOUNDARY_LENGTH = 70;

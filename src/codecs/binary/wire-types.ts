/** The wire types of the fields of a binary header: how the value that follows a tag is written. */
export const wireTypes = { integer: 0, text: 1, true: 2, false: 3 } as const;

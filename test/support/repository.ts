/** Where the tests find what is not a test: the repository they belong to. */
import path from 'node:path';

/** The absolute path of the repository's root folder. */
export const repositoryRoot = path.resolve(import.meta.dirname, '../..');

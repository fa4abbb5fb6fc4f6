/** The path of the repository that the tests belong to. */
import path from 'node:path';

/** The absolute path of the repository's root folder. */
export const repositoryRoot = path.resolve(import.meta.dirname, '../..');

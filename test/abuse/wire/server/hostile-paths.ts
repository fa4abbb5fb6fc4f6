/** Invalid paths: the reason, and the error code of each. */

export interface HostilePath {
  readonly what: string;
  readonly path: string;
  readonly code: 'EILSEQ' | 'ENAMETOOLONG';
}

const illegal = (what: string, ...paths: readonly string[]): HostilePath[] =>
  paths.map((path) => ({ what: `${what} (${path})`, path, code: 'EILSEQ' }));

const tooLong = (what: string, path: string): HostilePath => ({ what, path, code: 'ENAMETOOLONG' });

export const hostilePaths: readonly HostilePath[] = [
  ...illegal('an empty path', ''),
  ...illegal('a parent', '..', '../small', 'docs/../small', 'docs/..', '../../../../etc/passwd'),
  ...illegal('a dot', '.', './small', 'docs/./one', 'docs/.'),
  ...illegal('an absolute path', '/', '/etc/passwd', '//small', 'docs//one', 'docs/', 'docs/one/'),
  ...illegal('a backslash', '..\\small', 'docs\\one', '\\\\host\\share', '\\'),
  tooLong('a name of 256 bytes', 'n'.repeat(256)),
  tooLong('a name of 258 bytes in 86 characters', '\u20ac'.repeat(86)),
  tooLong('a path of 4,097 bytes', `${'directory/'.repeat(409)}1234567`),
  tooLong('a path of 20,000 bytes', 'd/'.repeat(9_999) + 'dd'),
];

/** Every operation with invalid paths: each request fails alone, and nothing is changed. */
import { alive, type ServerCase } from '../abuse-case.js';
import { hostilePaths, type HostilePath } from './hostile-paths.js';
import { frame } from '../frames/loose-frame.js';
import { HELLO } from './server-fields.js';
import { prototypeNames } from '../frames/wrong-values.js';

/** The other fields of a request, and whether the path is in `path` or `to`. */
const requests: readonly { op: string; field: 'path' | 'to'; path?: string; to?: string }[] = [
  { op: 'stat', field: 'path' },
  { op: 'list', field: 'path' },
  { op: 'download', field: 'path' },
  { op: 'upload', field: 'path' },
  { op: 'checksum', field: 'path' },
  { op: 'mkdir', field: 'path' },
  { op: 'remove', field: 'path' },
  { op: 'rename', field: 'path', to: 'moved' },
  { op: 'rename', field: 'to', path: 'small' },
  { op: 'copy', field: 'path', to: 'moved' },
  { op: 'copy', field: 'to', path: 'small' },
];

const PING = frame('ping', { token: 1 });

function pathCase({ op, field, ...paths }: (typeof requests)[number], hostile: HostilePath): ServerCase {
  const open = frame('open', { id: 1, op, ...paths, [field]: hostile.path, recursive: true });
  return {
    name: `${op} whose ${field} is ${hostile.what.slice(0, 60)}`,
    says: [HELLO, open, PING],
    fate: alive({ 1: hostile.code }),
  };
}

/** Names of objects' own: files that are not there, operations that are not known. */
const prototypeCases: readonly ServerCase[] = prototypeNames.flatMap((name): ServerCase[] => [
  {
    name: `stat of a path ${name}`,
    says: [HELLO, frame('open', { id: 1, op: 'stat', path: name })],
    fate: alive({ 1: 'ENOENT' }),
  },
  {
    name: `an operation ${name}`,
    says: [HELLO, frame('open', { id: 1, op: name })],
    fate: alive({ 1: 'ENOTSUP' }),
  },
  {
    name: `a checksum by ${name}`,
    says: [HELLO, frame('open', { id: 1, op: 'download', path: 'small', checksum: name })],
    fate: alive({ 1: 'ENOTSUP' }),
  },
  {
    name: `an upload with the id ${name}`,
    says: [HELLO, frame('open', { id: 1, op: 'upload', path: 'target', upload: name })],
    fate: alive({ 1: 'EINVAL' }),
  },
  {
    name: `a field ${name}`,
    says: [HELLO, frame('open', { id: 1, op: 'stat', path: 'small', [name]: 'x' })],
    // A name starts with a letter; in binary it is a number.
    fate: (codec) =>
      codec !== 'binary' && name.startsWith('_') ? { error: 'EPROTO' } : alive({ 1: 'result' }),
  },
  {
    name: `a frame ${name}`,
    says: [HELLO, frame(name, { future: 1 })],
    fate: (codec) => (codec !== 'binary' && name.startsWith('_') ? { error: 'EPROTO' } : alive()),
  },
]);

/** Names that Windows cannot hold, or reads as others: here they are names like any other, of files that are not there. */
const unusualNames: readonly string[] = [
  ...['C:', 'C:/small', 'c:small', 'small:stream', 'small::$DATA', 'a*', 'a?', 'a"b', 'a<b', 'a|b'],
  ...['small.', 'small ', '...', ' ', 'docs./one', 'docs /one'],
  ...['con', 'NUL', 'nul.txt', 'COM\u00b2', 'docs/con/one', 'conin$', 'con .x'],
];

const unusualCases: readonly ServerCase[] = requests
  .filter(({ op, field }) => field === 'path' && op !== 'upload' && op !== 'mkdir')
  .flatMap(({ op, field, ...paths }) =>
    unusualNames.map((path) => ({
      name: `${op} of the unusual name '${path}'`,
      says: [HELLO, frame('open', { id: 1, op, ...paths, path, recursive: true }), PING],
      fate: alive({ 1: 'ENOENT' }),
    })),
  );

/** Requests without a path that they need. */
const rootCases: readonly ServerCase[] = requests
  .filter(({ op }) => op !== 'stat' && op !== 'list')
  .map(({ op, field, ...paths }) => ({
    name: `${op} without ${field}`,
    says: [HELLO, frame('open', { id: 1, op, ...paths, recursive: true })],
    fate: alive({ 1: 'EINVAL' }),
  }));

/** All of them. */
export const serverPathCases: readonly ServerCase[] = [
  ...requests.flatMap((request) => hostilePaths.map((hostile) => pathCase(request, hostile))),
  ...unusualCases,
  ...prototypeCases,
  ...rootCases,
];

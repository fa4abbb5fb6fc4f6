/** Which local name belongs to which name on the server. */
import { isPortablePath, parseRemotePath } from '../../../protocol/remote-path.js';
import { decodeName, encodeName } from './encoded-name.js';

/** Both functions are inverse to each other. */
export interface NameMap {
  /** The name on the server; undefined if the server refuses it. */
  toRemote(localName: string): string | undefined;
  /** The local name; undefined if this system cannot hold it. */
  toLocal(remoteName: string): string | undefined;
}

/** What the protocol refuses in a name: control characters, two noncharacters, backslashes, and code units without a pair. */
const REFUSED_BY_SERVERS = /[\p{Cc}\p{Cs}\\\ufffe\uffff]/gu;

/** What Windows refuses: some characters, a dot or space at the end, and the first character of a device's name. */
const REFUSED_BY_WINDOWS =
  /[:*?"<>|]|[. ]$|^(?:[cpanl])(?=(?:on|rn|ux|ul|onin\$|onout\$|om[0-9\u00b9\u00b2\u00b3]|pt[0-9\u00b9\u00b2\u00b3]) *(?:\.|$))/giu;

/** The names of a client on this platform. */
export function nameMap({
  encodeNames,
  platform,
}: {
  encodeNames: boolean;
  platform: NodeJS.Platform;
}): NameMap {
  if (platform === 'win32') return encodeNames ? encodedForWindows : plainForWindows;
  return encodeNames ? encodedForServers : plain;
}

const plain: NameMap = { toRemote: remoteName, toLocal: (name) => name };

const plainForWindows: NameMap = {
  toRemote: remoteName,
  toLocal: (name) => (isPortablePath(name) ? name : undefined),
};

// The server holds the encoded names: local ones may have any bytes.
const encodedForServers: NameMap = {
  toRemote: (name) => remoteName(encodeName(name, REFUSED_BY_SERVERS)),
  toLocal: (name) => decodeName(name, REFUSED_BY_SERVERS),
};

// Windows holds the encoded names: those on servers may have more characters.
const encodedForWindows: NameMap = {
  toRemote: (name) => {
    const decoded = decodeName(name, REFUSED_BY_WINDOWS);
    return decoded === undefined ? undefined : remoteName(decoded);
  },
  toLocal: (name) => encodeName(name, REFUSED_BY_WINDOWS),
};

/** The name, if it is one that a server accepts. */
function remoteName(name: string): string | undefined {
  try {
    return parseRemotePath(name);
  } catch {
    return undefined;
  }
}

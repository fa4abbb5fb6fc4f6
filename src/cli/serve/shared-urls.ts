/** The URLs under which clients reach a server. */
import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { formatRemoteUrl, type RemoteUrl } from '../url/remote-url.js';

/** Where a server listens. */
export interface ListenPlace {
  readonly address: string;
  readonly port: number;
  readonly isEncrypted: boolean;
  readonly user: string | undefined;
}

/** An address of a network interface. */
type Interfaces = ReturnType<typeof networkInterfaces>;

/** A URL for each address of the machine on which the server listens, that of the machine itself first. */
export function sharedUrls(place: ListenPlace, interfaces: Interfaces = networkInterfaces()): string[] {
  return hostsOf(place.address, interfaces).map((host) => {
    return formatRemoteUrl({
      scheme: place.isEncrypted ? 'socket-ftps' : 'socket-ftp',
      user: place.user,
      host,
      port: place.port,
      ...rootOf(undefined),
    });
  });
}

/** The place of pages, and the only names of it under which other machines get them. */
interface PagePlace extends ListenPlace {
  readonly httpHost?: readonly string[] | undefined;
}

/** The URLs for web browsers, of the same addresses; with `httpHost`, of these names in the place of other machines' addresses. */
export function pageUrls(place: PagePlace, interfaces: Interfaces = networkInterfaces()): string[] {
  const scheme = place.isEncrypted ? 'https' : 'http';
  const { httpHost = [], port } = place;
  const all = hostsOf(place.address, interfaces).map((host) => (isIPv6(host) ? `[${host}]` : host));
  const own = all.filter((host) => /^(?:localhost$|127\.|\[::1\]$)/.test(host));
  const answered = httpHost.length === 0 || own.length === all.length ? all : [...own, ...httpHost];
  return answered.map((host) => `${scheme}://${host}:${port}/`);
}

/** The URL of a server that listens on a Unix socket. */
export function socketUrl(socketPath: string, user: string | undefined): string {
  return formatRemoteUrl({
    scheme: 'socket-ftp+unix',
    user,
    host: '',
    port: undefined,
    ...rootOf(socketPath),
  });
}

function rootOf(socketPath: string | undefined): Pick<RemoteUrl, 'path' | 'isPattern' | 'socketPath'> {
  return { path: '', isPattern: false, socketPath };
}

function hostsOf(address: string, interfaces: Interfaces): string[] {
  if (address !== '0.0.0.0' && address !== '::') return [address];
  const found = Object.values(interfaces).flatMap((addresses) => addresses ?? []);
  const reachable = found.filter((one) => {
    // An address of one link needs the name of an interface, which differs on each machine.
    if (one.internal || /^fe80:/i.test(one.address)) return false;
    return address === '::' || !isIPv6(one.address);
  });
  return ['localhost', ...reachable.map((one) => one.address)];
}

/** The parts of a server's URL as options: `tcp://[user[:password]@]host[:port]`, or the same with `tls://`. */
import { isIPv6 } from 'node:net';
import type { FileClientOptions } from './options.js';

/** The parts that a URL and an option can both name. */
const PARTS = ['host', 'port', 'user', 'password'] as const;

type UrlOptions = Pick<FileClientOptions, (typeof PARTS)[number]> & { tls: boolean };

/**
 * The options of both arguments of `new FileClient()`. Throws a TypeError for a wrong URL, and for a part that the URL and
 * an option name differently.
 */
export function withUrlOptions(
  urlOrOptions: string | URL | FileClientOptions,
  options: FileClientOptions | undefined,
): FileClientOptions {
  if (typeof urlOrOptions === 'string' || urlOrOptions instanceof URL) {
    return merged(parseUrl(urlOrOptions), options ?? {});
  }
  if (typeof urlOrOptions !== 'object' || (urlOrOptions as unknown) === null) throw notServer(urlOrOptions);
  if (options === undefined) return urlOrOptions;
  throw new TypeError('FileClient takes two arguments only if the first one is a URL.');
}

function merged(url: UrlOptions, options: FileClientOptions): FileClientOptions {
  const both: FileClientOptions = { ...options, tls: options.tls ?? url.tls };
  if (Boolean(both.tls) !== url.tls) {
    throw new TypeError(
      `The URL begins with ${url.tls ? 'tls' : 'tcp'}://, but the option tls is ${shown(options.tls)}.`,
    );
  }
  return Object.assign(both, ...PARTS.map((name) => partOf(name, url, options))) as FileClientOptions;
}

function partOf(
  name: (typeof PARTS)[number],
  url: UrlOptions,
  options: FileClientOptions,
): FileClientOptions {
  const inUrl = url[name];
  const option = options[name];
  if (inUrl === undefined) return {};
  if (option === undefined || option === inUrl) return { [name]: inUrl };
  if (name === 'password') throw new TypeError('The URL and the option password name different passwords.');
  throw new TypeError(
    `The URL names the ${name} ${shown(inUrl)}, but the option ${name} is ${shown(option)}.`,
  );
}

function shown(value: FileClientOptions['tls'] | string | number): string {
  if (typeof value === 'string') return `'${value}'`;
  return typeof value === 'object' ? 'an object' : String(value);
}

function parseUrl(given: string | URL): UrlOptions {
  const text = String(given);
  // Without slashes, the name of a host is taken for a scheme: localhost:2121.
  if (!text.includes('://') || !URL.canParse(text)) throw notServer(given);
  const url = new URL(text);
  if (!['tcp:', 'tls:'].includes(url.protocol)) {
    throw new TypeError(
      `The URL must begin with tcp:// or tls://, e.g. tcp://localhost:2121, not with ${url.protocol}`,
    );
  }
  if (url.hostname === '') throw new TypeError('The URL names no host.');
  if (/^[^/]*\/\/[^/@]*:@/.test(text)) throw new TypeError('The password in the URL must not be empty.');
  if (url.search || url.hash || !['', '/'].includes(url.pathname)) {
    throw new TypeError('The URL must have a host and a port only, perhaps with user and password.');
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? undefined : Number(url.port),
    tls: url.protocol === 'tls:',
    user: url.username === '' ? undefined : decoded(url.username),
    password: url.password === '' ? undefined : decoded(url.password),
  };
}

/** The error of an argument that is neither a URL nor options. It says what to write. */
function notServer(given: unknown): TypeError {
  const example = ['string', 'number'].includes(typeof given) ? exampleFor(String(given)) : undefined;
  const advice = example === undefined ? '' : ` Write new FileClient(${example}).`;
  return new TypeError(
    `FileClient takes a URL such as tcp://localhost:2121 or tls://localhost:2121, or options such as { host, port }.${advice}`,
  );
}

/** What was probably meant. Undefined if that is not clear, or could show a password. */
function exampleFor(text: string): string | undefined {
  if (/^\d+$/.test(text)) return `{ port: ${text} }`;
  if (text.includes('://') || text.includes('@')) return undefined;
  if (/[/\\]|\.sock$/.test(text)) return `{ socketPath: '${text}' }`;
  const url = `tcp://${isIPv6(text) ? `[${text}]` : text}`;
  return URL.canParse(url) && new URL(url).hostname !== '' && !/\s/.test(text) ? `'${url}'` : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new TypeError('The user or the password in the URL is not percent-encoded.');
  }
}

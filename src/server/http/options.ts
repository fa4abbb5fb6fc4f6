/** The options of a server for browsers. */
import { builtinCodecs } from '../../codecs/builtin.js';
import type { Codec } from '../../codecs/codec.js';
import { flagOption, rejectUnknownOptions } from '../../options/option.js';

/** How browsers may use a server. */
export interface HttpOptions {
  /**
   * Names under which browsers reach the server, without ports, such as `['files.example.com']`. Other names are refused.
   * Default: over the loopback interface `localhost` and IP addresses of it, otherwise every name.
   */
  hosts?: readonly string[] | undefined;
  /**
   * Whether `authenticate` decides about requests without a password, too. Default false: they are answered with 401, which
   * makes a browser ask for a password, unless the client has a certificate.
   */
  anonymous?: boolean | undefined;
}

export interface HttpSettings {
  /** In lower case; undefined for the default. */
  readonly hosts: ReadonlySet<string> | undefined;
  readonly allowsAnonymous: boolean;
  /** The codec in which requests of HTTP reach the sessions of the server. Its name tells them apart in events. */
  readonly codec: Codec;
}

const codec: Codec = { ...builtinCodecs.binary, name: 'http' };

/** The settings of the option `http`; undefined if the server does not answer HTTP. Throws a TypeError for a wrong option. */
export function httpSettings(option: boolean | HttpOptions = false): HttpSettings | undefined {
  if (option === false) return undefined;
  if (option !== true && (typeof option !== 'object' || option === null))
    throw new TypeError(`The option http must be a boolean or an object, not ${String(option)}.`);
  const options = option === true ? {} : option;
  rejectUnknownOptions('http', options, ['hosts', 'anonymous']);
  const allowsAnonymous = flagOption('http.anonymous', options.anonymous) ?? false;
  return { hosts: hostsOption(options.hosts), allowsAnonymous, codec };
}

function hostsOption(hosts: readonly string[] | undefined): ReadonlySet<string> | undefined {
  if (hosts === undefined) return undefined;
  const isList = Array.isArray(hosts) && hosts.length > 0;
  if (!isList || !hosts.every((host: unknown) => typeof host === 'string' && HOST.test(host)))
    throw new TypeError(
      "The option http.hosts must be an array of host names without ports, such as ['example.com'].",
    );
  return new Set([...(hosts as readonly string[])].map((host) => host.toLowerCase()));
}

/** A name, an IPv4 address, or an IPv6 address in brackets. */
const HOST = /^(?:[a-z\d._-]+|\[[\da-f:.]+\])$/i;

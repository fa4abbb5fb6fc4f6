/** The methods that the server shares with this client. */
import { protocolError } from '../../errors.js';
import { rejectUnknownOptions } from '../../options/option.js';
import { callOptionNames, type CallOptions } from '../request/abort.js';
import type { ClientContext } from '../request/client-context.js';
import { callForValue } from './call-method.js';

/** A method that the server shares with this client. */
export interface MethodInfo {
  /** Name of the method. */
  readonly name: string;
  /** `'call'` for `client.call()`, `'stream'` for a Duplex; later servers may have other kinds. */
  readonly kind: 'call' | 'stream' | (string & {});
  /** The permission that a client needs. */
  readonly permission: string;
  /** Whether the method may run again for a call whose answer was lost. */
  readonly idempotent: boolean;
}

/** Iterates the methods. The first `next` sends the request. */
export async function* listMethods(
  context: ClientContext,
  options: CallOptions,
): AsyncGenerator<MethodInfo, undefined, undefined> {
  rejectUnknownOptions('methods', options, callOptionNames);
  const fields = { op: 'methods', checksum: context.checksum };
  const listed = await callForValue(context, { fields, options, isNumbered: false, isIdempotent: true });
  if (!Array.isArray(listed)) throw protocolError('The list of methods is not an array.');
  yield* listed.map(parseInfo);
  return undefined;
}

function parseInfo(item: unknown): MethodInfo {
  const { name, kind, permission, idempotent } = (item ?? {}) as Partial<Record<keyof MethodInfo, unknown>>;
  if (typeof name !== 'string' || typeof kind !== 'string' || typeof permission !== 'string')
    throw protocolError('The list of methods has an invalid item.');
  return { name, kind, permission, idempotent: idempotent === true };
}

/** The method that a client asks for, if it may use it. */
import { TransferError } from '../../errors.js';
import { isMethodName } from '../../protocol/methods/method-name.js';
import type { AccessControl } from '../access/access-control.js';
import type { MethodRegistry, SharedMethod } from './method-registry.js';

/**
 * Returns the method; a promise only if there is an `authorize`. EINVAL without a name; EACCES if the client may not use it; ENOENT if there is none. A client
 * whose methods are listed gets EACCES for every other name, so that it does not learn which methods exist.
 */
export function permittedMethod(
  name: string | undefined,
  { methods, access }: { readonly methods: MethodRegistry; readonly access: AccessControl },
): SharedMethod | Promise<SharedMethod> {
  if (name === undefined) throw new TransferError('EINVAL', 'The request names no method.');
  const method = methods.find(name);
  const isPermitted = access.permitsMethod(name, method?.permission ?? 'call');
  if (typeof isPermitted === 'boolean') return checked(name, method, isPermitted);
  return isPermitted.then((permits) => checked(name, method, permits));
}

function checked(name: string, method: SharedMethod | undefined, isPermitted: boolean): SharedMethod {
  if (!isPermitted)
    throw new TransferError('EACCES', `Permission denied: the login may not use the method${shown(name)}.`);
  if (!method) throw new TransferError('ENOENT', `The server has no method${shown(name)}.`);
  return method;
}

/** A name in a message: nothing if it is none, because it can have any length. */
function shown(name: string): string {
  return isMethodName(name) ? ` ${name}` : ' of this name';
}

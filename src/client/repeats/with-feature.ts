/** Begins a request on a connection whose server has a feature: an older server would do something else. */
import { TransferError } from '../../errors.js';
import type { Feature } from '../../protocol/handshake/features.js';
import type { ClientConnection } from '../connection/client-connection.js';

/** A request that is not sent before `welcome`. */
export interface FeatureRequest {
  open(connection: ClientConnection): void;
  onLost(error: TransferError): void;
  fail(error: TransferError): void;
}

/** Opens the request when the server has sent `welcome`; fails it with ENOTSUP, and sends nothing, if the feature is missing. */
export function withFeature(connection: ClientConnection, feature: Feature, request: FeatureRequest): void {
  const { session } = connection;
  const onWelcome = (): void => {
    if (session.features.has(feature)) request.open(connection);
    else request.fail(new TransferError('ENOTSUP', `The server does not have the feature ${feature}.`));
  };
  if (session.isOpen) onWelcome();
  else session.awaitWelcome({ onWelcome, onLost: (error) => request.onLost(error) });
}

/**
 * A client of the protocol for one login, in the process of the server. Its endpoint is the stream of a connection.
 *
 *     request(fields) -> ClientSession -> endpoint <=> Connection of the server
 */
import type { Codec } from '../../../codecs/codec.js';
import { TransferError } from '../../../errors.js';
import type { FrameOf } from '../../../protocol/frames.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import { ClientSession, type RequestFields } from '../../../session/client-session.js';
import type { WantedBody } from '../../../session/channel/wanted-body.js';
import type { SentCredentials, SessionSettings } from '../../../session/settings.js';
import { Endpoint } from '../../../session/transport/endpoint.js';
import { HTTP_WINDOW_BYTES } from '../limits.js';
import { SessionRequest } from './session-request.js';

export interface HttpSessionOptions {
  readonly codec: Codec;
  readonly settings: SessionSettings;
  readonly credentials: SentCredentials;
  /** The User-Agent of the client. */
  readonly agent: string;
  /** The session has ended, with an error unless it was closed. */
  readonly onEnd: (error: TransferError | undefined) => void;
}

export class HttpSession {
  readonly endpoint: Endpoint;
  /** Resolves at `welcome`; rejects if the login is refused, or the session ends before. */
  readonly opened: Promise<void>;
  readonly #session: ClientSession;

  constructor({ codec, settings, credentials, agent, onEnd }: HttpSessionOptions) {
    let open = (): void => undefined;
    let refuse: (error: TransferError) => void = () => undefined;
    this.opened = new Promise((resolve, reject) => {
      open = resolve;
      refuse = reject;
    });
    this.opened.catch(() => undefined);
    // In one process, a window needs no room for a round trip.
    const windows = { windowBytes: HTTP_WINDOW_BYTES, maxWindowBytes: HTTP_WINDOW_BYTES };
    this.#session = new ClientSession(
      codec,
      { ...settings, ...windows, agent, credentials },
      {
        onOpen: () => open(),
        onEnd: (error) => {
          refuse(error ?? new TransferError('ESHUTDOWN'));
          onEnd(error);
        },
      },
    );
    this.endpoint = new Endpoint(this.#session);
    this.endpoint.on('error', () => undefined);
  }

  get isOpen(): boolean {
    return this.#session.isOpen && this.#session.accepting;
  }

  /** Sends a request. Bodies have no checksums: they never leave the memory of this process. */
  request(fields: RequestFields, wants: WantedBody): SessionRequest {
    const request = new SessionRequest();
    // A request without a path means the root.
    const path = fields.path === '' ? undefined : fields.path;
    const checksum = wants === 'body' ? 'none' : fields.checksum;
    return request.begin(this.#session.request({ ...fields, path, checksum }, wants, request));
  }

  /** Sends a request whose answer is one frame. */
  call(op: string, path: RemotePath, fields: Partial<RequestFields> = {}): Promise<FrameOf<'result'>> {
    return this.request({ op, path, ...fields }, 'nothing').result();
  }

  /** Ends the session after its last request. */
  close(): void {
    this.#session.drain();
    if (this.#session.ended && this.endpoint.readableFlowing === null) this.endpoint.destroy();
  }

  /** Ends the session and its requests now. */
  destroy(error: TransferError): void {
    this.endpoint.destroy(error);
  }
}

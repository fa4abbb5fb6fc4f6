/** What the connections of a server share, and the stream of each. */
import type { Duplex } from 'node:stream';
import type { Codec } from '../../codecs/codec.js';
import type { ChooseCodec } from '../../session/server-session.js';
import type { Bandwidths } from '../access/bandwidths.js';
import type { Authenticator } from '../auth/authenticator.js';
import type { AfterHook } from '../hooks/after-hook.js';
import type { HttpGateway } from '../http/http-gateway.js';
import type { ServerSettings } from '../options.js';
import type { MethodRegistry } from '../methods/method-registry.js';
import type { Peer } from '../peer.js';
import type { SharedReceiveBudget } from '../request/receive-budget.js';
import type { RequestKeepAlive } from '../request/request-keep-alive.js';
import type { RequestStart, RequestSummary } from '../monitoring/connection-info.js';
import type { ServerCounters } from '../monitoring/server-counters.js';
import type { RequestSessions } from '../sessions/request-sessions.js';
import type { TlsAcceptor } from '../tls/tls-acceptor.js';
import type { UdpPaths } from '../udp/udp-paths.js';
import type { WatchCounts } from '../watches/watch-counts.js';
import type { UploadRegistry } from '../uploads/upload-registry.js';

export interface ServerContext {
  readonly settings: ServerSettings;
  readonly chooseCodec: ChooseCodec;
  readonly counters: ServerCounters;
  readonly uploads: UploadRegistry;
  readonly sessions: RequestSessions;
  readonly watches: WatchCounts;
  readonly methods: MethodRegistry;
  readonly authenticator: Authenticator;
  readonly receiveBudget: SharedReceiveBudget;
  readonly bandwidths: Bandwidths;
  readonly keepAlive: RequestKeepAlive;
  /** Undefined if the server offers no UDP. */
  readonly udp: UdpPaths | undefined;
  /** Undefined if the server does not answer HTTP. */
  readonly http: HttpGateway | undefined;
  /** Undefined without the hook. */
  readonly afterHook: AfterHook | undefined;
  /** Whether the program listens to the starts and ends of requests. */
  readonly observesRequests: () => boolean;
  /** Called when a request has arrived. */
  readonly onRequestStart: (request: RequestStart) => void;
  /** Called at the end of every request. */
  readonly onRequestEnd: (summary: RequestSummary) => void;
}

/** The stream of a new connection. */
export interface AcceptedSocket {
  /** Undefined if the user embeds `server.endpoint()`. */
  readonly duplex: Duplex | undefined;
  /** Whether the duplex is a socket that the server has accepted: no other code reads it. */
  readonly isOwn: boolean;
  readonly tls: TlsAcceptor | undefined;
  readonly peer: Peer;
  /** Whether the connection begins with the header of a proxy, which announces the address of the client. */
  readonly isProxied: boolean;
  /** The codec of a client that is part of this server; any other is detected. */
  readonly codec?: Codec | undefined;
}

/** The limits and default times, each with its unit and, where it is not obvious, its reason. */

const KIB = 1024;
const MIB = 1024 * KIB;

/** The version of the protocol, sent in `hello` and `welcome`. */
export const PROTOCOL_VERSION = 1;

/** The name that both ends send in `hello` and `welcome`. */
export const AGENT = 'socket-ftp';

/** The default address of a server. */
export const DEFAULT_HOST = '127.0.0.1';

/** The default port of a server. */
export const DEFAULT_PORT = 2121;

/** The largest integer in a field: 2^53 - 1, which a double holds exactly. */
export const MAX_INTEGER = Number.MAX_SAFE_INTEGER;

/** The largest id of a channel: six bytes in the binary codec. The smallest is 1, because 0 means none. */
export const MAX_ID = 2 ** 48 - 1;

/** Bytes of a path: Linux's PATH_MAX. */
export const MAX_PATH_BYTES = 4096;

/** Bytes of a name: NAME_MAX of every common file system. */
export const MAX_SEGMENT_BYTES = 255;

/** Bytes of a header before `welcome`: enough for credentials, too little for a flood. */
export const INITIAL_MAX_HEADER_BYTES = 4 * KIB;

/** Bytes of a header after `welcome`: two paths of 4,096 bytes, each byte an `&amp;`, and the other fields. */
export const MAX_HEADER_BYTES = 64 * KIB;

/** Payload of a data frame that every peer must accept, in bytes. */
export const MIN_FRAME_BYTES = 64 * KIB;

/** Payload of a data frame, in bytes, at most. */
export const MAX_FRAME_BYTES = MIB;

/** Bytes that a client may send of an upload before `accept`, so that a small file needs one round trip. */
export const INITIAL_WINDOW_BYTES = 64 * KIB;

/** Bytes of a file in a batch: what each end holds in memory for one of its requests. */
export const MAX_BATCHED_FILE_BYTES = 64 * KIB;

/** Initial window of a transfer in bytes: two large frames and the bytes in flight on a fast link. */
export const DEFAULT_WINDOW_BYTES = 2 * MIB;

/** Largest window in bytes: twice the bytes in flight at 300 Mbit/s with a round trip of 200 ms. */
export const MAX_WINDOW_BYTES = 16 * MIB;

/** Bytes by which all windows of a client's connection may grow together: some transfers on a long link. */
export const MAX_GROWTH_BYTES = 32 * MIB;

/** Bytes that a client sends and keeps in memory before they are acknowledged, whatever its window. */
export const MAX_UNACKNOWLEDGED_BYTES = MAX_WINDOW_BYTES;

/** Bytes of a body from which it goes over a UDP path: less is sent before UDP has found its speed. */
export const MIN_PATH_BODY_BYTES = MIB;

/** Bytes by which the window of a download over a UDP path is larger: for those that wait for others before them. */
export const PATH_WINDOW_BYTES = 32 * MIB;

/** UDP paths of a server. Each has a socket. */
export const DEFAULT_MAX_UDP_PATHS = 1_000;

/** UDP paths of a server from one address. */
export const DEFAULT_MAX_UDP_PATHS_PER_ADDRESS = 16;

/** Open channels of a client before `welcome`. No server may allow fewer. */
export const INITIAL_MAX_CHANNELS = 16;

/** Open channels with a body of a connection, including those that the server still cleans up. */
export const DEFAULT_MAX_CHANNELS = 64;

/** Channels beyond the maximum for requests without a body, which do not wait for a slow reader or writer. */
export const EXTRA_CHANNELS = 16;

/** Largest value of the option for the channels of a connection. */
export const MAX_CHANNELS = 65_536;

/** Connections of a server. */
export const DEFAULT_MAX_CONNECTIONS = 10_000;

/** Requests that the non-blocking strategy runs at the same time: several for each thread of a large pool. */
export const DEFAULT_MAX_CONCURRENT_REQUESTS = 256;

/** Requests of all connections that wait for the strategy. */
export const DEFAULT_MAX_QUEUED_REQUESTS = 4_096;

/** Connections from one address: many programs of one machine, too few to fill the server. */
export const DEFAULT_MAX_CONNECTIONS_PER_ADDRESS = 256;

/** Connections without a complete handshake. Above it, the server closes the oldest. */
export const DEFAULT_MAX_PENDING_HANDSHAKES = 1_024;

/** Bytes of uploads that a server buffers before they are stored. */
export const DEFAULT_MAX_BUFFERED_BYTES = 256 * MIB;

/** The same for one connection. */
export const DEFAULT_MAX_BUFFERED_BYTES_PER_CONNECTION = 32 * MIB;

/** Minimum speed of a transfer while it waits for the client, in bytes per second. */
export const DEFAULT_MIN_BYTES_PER_SECOND = 100;

/** Frames that a server buffers while it checks a login: 16 uploads of small pieces. */
export const MAX_PENDING_FRAMES = 1_024;

/** Requests that a connection may cancel at once. */
export const CANCEL_BURST = 1_000;

/** Requests that a connection may cancel per second after that, because each has cost more than it brought. */
export const CANCELS_PER_SECOND = 100;

/** Suspended uploads, and results of completed ones, that a server keeps in memory. */
export const DEFAULT_MAX_SUSPENDED_UPLOADS = 1_024;

/** Bytes of a body after which a sender adds the running checksum to a data frame. */
export const RUNNING_CHECKSUM_BYTES = 1024 * KIB;

/** Bytes after a running checksum in which a receiver ignores further ones. */
export const MIN_RUNNING_CHECKSUM_BYTES = 64 * KIB;

/** Time in ms that a server keeps a suspended upload in memory. */
export const SUSPENDED_EXPIRY_MS = 60 * 60 * 1_000;

/** Bytes of the JSON of a value in a field; a longer one is a body. Escaped in any codec, it leaves room in a header. */
export const MAX_FIELD_VALUE_BYTES = 8 * KIB;

/** Bytes of the JSON of an input or output of a method: both ends hold it in memory. */
export const DEFAULT_MAX_VALUE_BYTES = MIB;

/** Largest value of the option for it: as many bytes as a client sends before it waits. */
export const MAX_VALUE_BYTES = 16 * MIB;

/** Levels of arrays and objects in a value: more than programs write, too few for a recursion to fail. */
export const MAX_VALUE_DEPTH = 64;

/** Answers that a session remembers until its client has confirmed them: many times the requests in flight. */
export const DEFAULT_MAX_ANSWERS = 1_024;

/** Bytes of memory of the answers that one session remembers: some outputs of methods, or thousands of other answers. */
export const MAX_SESSION_ANSWER_BYTES = 3 * MIB;

/** The same for all sessions of an identity, or of an address on a server without logins. */
export const MAX_ACCOUNT_ANSWER_BYTES = 4 * MIB;

/** The same for all sessions of a server. */
export const MAX_ANSWER_BYTES = 64 * MIB;

/** Sessions without a connection that a server keeps. */
export const DEFAULT_MAX_SESSIONS = 10_000;

/** The same for an identity, or an address on a server without logins. */
export const MAX_ACCOUNT_SESSIONS = 256;

/** Time in ms that a server keeps a session without a connection. */
export const SESSION_EXPIRY_MS = 60 * 60 * 1_000;

/** Watches and followed downloads of a connection: few enough to leave it places for transfers. */
export const MAX_CONNECTION_WATCHES = 16;

/** The same for an identity, or an address on a server without logins. */
export const MAX_ACCOUNT_WATCHES = 256;

/** The same for all connections of a server. */
export const MAX_WATCHES = 4_096;

/** Entries that a client remembers of a watched directory: some 200 bytes each. */
export const DEFAULT_MAX_WATCHED_ENTRIES = 100_000;

/** Pongs that wait to be sent before a client stops reading. */
export const MAX_WAITING_PONGS = 4_096;

/** Bytes of control frames that wait to be sent before a server stops reading. */
export const MAX_CONTROL_BACKLOG_BYTES = 256 * KIB;

/** Time in ms for a client to connect and receive `welcome`. */
export const CONNECT_TIMEOUT_MS = 10_000;

/** Time in ms that a client waits for a response. The server may compute a checksum of a large file in it. */
export const RESPONSE_TIMEOUT_MS = 300_000;

/** Time in ms after which an on-demand connection without requests is closed. */
export const IDLE_TIMEOUT_MS = 10_000;

/** Attempts to connect without any progress. */
export const RECONNECT_MAX_ATTEMPTS = 20;

/** Time in ms without progress after which a client stops its attempts. */
export const RECONNECT_MAX_ELAPSED_MS = 60_000;

/** Upper bound of the first backoff delay in ms (full jitter). It doubles after each attempt. */
export const RECONNECT_MIN_DELAY_MS = 100;

/** Upper bound of any backoff delay in ms. */
export const RECONNECT_MAX_DELAY_MS = 10_000;

/** Time in ms that running requests have to end when a client or server is closed. */
export const GRACE_MS = 5_000;

/** Silence in ms after which a ping is sent. */
export const KEEP_ALIVE_INTERVAL_MS = 15_000;

/** Silence in ms after which the connection is closed. */
export const KEEP_ALIVE_TIMEOUT_MS = 45_000;

/** Shortest timeout in ms that a server adopts from a client, because pings cost both ends. */
export const MIN_KEEP_ALIVE_TIMEOUT_MS = 5_000;

/** Shortest time in ms between pings that a peer can request by its timeout. */
export const MIN_PING_INTERVAL_MS = 100;

/** Time in ms from the start of a connection to its `hello`. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;

/** Time in ms without progress of a transfer that waits for the peer. */
export const STALL_TIMEOUT_MS = 60_000;

/** The same while other requests wait for its slot; the client can resume the transfer later. */
export const CONTENDED_STALL_MS = 5_000;

/** Time in ms without progress for which a server reports that it is at work on a request: a flush of some GB to a slow disk. */
export const PROGRESS_TIMEOUT_MS = 300_000;

/** Time in ms that a connection which ended with an error is still read, so that the peer receives the error. */
export const LINGER_MS = 2_000;

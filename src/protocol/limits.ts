/** Everything a peer can make grow, named once, with its unit and the reason for its size. */

const KIB = 1024;
const MIB = 1024 * KIB;

/** The protocol's version, said in `hello` and `welcome`. */
export const PROTOCOL_VERSION = 1;

/** What both ends call themselves in `hello` and `welcome`. */
export const AGENT = 'socket-ftp';

/** Where a server listens and a client connects unless told otherwise. */
export const DEFAULT_HOST = '127.0.0.1';

/** The port that goes with it. */
export const DEFAULT_PORT = 2121;

/** The largest integer a field may hold: 2^53 - 1, what every language's double can count to exactly. */
export const MAX_INTEGER = Number.MAX_SAFE_INTEGER;

/** The largest id of a channel; the smallest is 1: the binary codec has six bytes for it, and 0 is no id. */
export const MAX_ID = 2 ** 48 - 1;

/** Bytes of a path: Linux's PATH_MAX. */
export const MAX_PATH_BYTES = 4096;

/** Bytes of one segment of a path: NAME_MAX of every common file system. */
export const MAX_SEGMENT_BYTES = 255;

/** Bytes of a header until `welcome`: room for credentials, too little to be worth a flood. */
export const INITIAL_MAX_HEADER_BYTES = 4 * KIB;

/** Bytes of a header afterwards: two paths of 4,096 bytes, every one of them an `&amp;`, and the other fields. */
export const MAX_HEADER_BYTES = 64 * KIB;

/** Bytes of payload in one data frame that every peer must take, before and without negotiation. */
export const MIN_FRAME_BYTES = 64 * KIB;

/** Bytes of payload in one data frame, at the most that may be negotiated. */
export const MAX_FRAME_BYTES = MIB;

/** Bytes that a client may send on an upload before `accept`, so that a small file costs one round trip. */
export const INITIAL_WINDOW_BYTES = 64 * KIB;

/** Bytes a receiver allows at first beyond what it has taken in: two bulk frames and what is on a fast link's way. */
export const DEFAULT_WINDOW_BYTES = 2 * MIB;

/** Bytes it allows on a long link, at the most: twice what is on the way at 300 Mbit/s with a round trip of 200 ms. */
export const MAX_WINDOW_BYTES = 16 * MIB;

/** Bytes by which the windows that a client grants on one connection grow, all together: some long transfers at once. */
export const MAX_GROWTH_BYTES = 32 * MIB;

/** Bytes that a client sends beyond those that were acknowledged, whatever it is granted: it keeps them. */
export const MAX_UNACKNOWLEDGED_BYTES = MAX_WINDOW_BYTES;

/** Channels a client may have open before `welcome` says how many; no server grants fewer. */
export const INITIAL_MAX_CHANNELS = 16;

/** Channels of one connection, those that the server still cleans up included. */
export const DEFAULT_MAX_CHANNELS = 64;

/** Channels of one connection, at the most that an option may say. */
export const MAX_CHANNELS = 65_536;

/** Connections of one server. */
export const DEFAULT_MAX_CONNECTIONS = 10_000;

/** Requests served at once by the non-blocking strategy: several for every thread of a large thread pool. */
export const DEFAULT_MAX_CONCURRENT_REQUESTS = 256;

/** Requests of all connections that wait for a strategy to serve them. */
export const DEFAULT_MAX_QUEUED_REQUESTS = 4_096;

/** Connections of one server from one address: many programs of one machine, too few to fill the server. */
export const DEFAULT_MAX_CONNECTIONS_PER_ADDRESS = 256;

/** Connections of one server that have not been welcomed; beyond it the oldest make room, for they had their time. */
export const DEFAULT_MAX_PENDING_HANDSHAKES = 1_024;

/** Bytes of bodies that one server lets all its clients send before they are stored. */
export const DEFAULT_MAX_BUFFERED_BYTES = 256 * MIB;

/** Bytes of bodies that a server lets one connection send before they are stored. */
export const DEFAULT_MAX_BUFFERED_BYTES_PER_CONNECTION = 32 * MIB;

/** Bytes a second that a transfer must move while it is the client's turn: the slowest of networks do. */
export const DEFAULT_MIN_BYTES_PER_SECOND = 100;

/** Frames that may come, and wait, while a login is being checked: sixteen uploads of small pieces. */
export const MAX_PENDING_FRAMES = 1_024;

/** Requests that a connection may cancel at once, and a second after that: each has cost more than it has brought. */
export const CANCEL_BURST = 1_000;

/** Cancelled requests that a second makes good. */
export const CANCELS_PER_SECOND = 100;

/** Interrupted uploads of which a server keeps something in memory, and results that it can tell again. */
export const DEFAULT_MAX_SUSPENDED_UPLOADS = 1_024;

/** Milliseconds that a server keeps an interrupted upload which its storage cannot keep. */
export const SUSPENDED_EXPIRY_MS = 60 * 60 * 1_000;

/** Pongs that wait for a slow server before its own frames are no longer read. */
export const MAX_WAITING_PONGS = 4_096;

/** Bytes of control frames that wait for a slow reader before its own frames are no longer read; a server's. */
export const MAX_CONTROL_BACKLOG_BYTES = 256 * KIB;

/** Milliseconds that a client waits for a connection and the server's welcome. */
export const CONNECT_TIMEOUT_MS = 10_000;

/** Milliseconds that a client waits for an answer, before and after the bytes of a transfer: files are summed up in it. */
export const RESPONSE_TIMEOUT_MS = 300_000;

/** Milliseconds that a connection on demand is kept without a request: the next one is likely to come soon. */
export const IDLE_TIMEOUT_MS = 10_000;

/** Connections that a client tries without any progress in between. */
export const RECONNECT_MAX_ATTEMPTS = 20;

/** Milliseconds without any progress after which a client tries no more. */
export const RECONNECT_MAX_ELAPSED_MS = 60_000;

/** Milliseconds up to which the first wait for another connection is long. */
export const RECONNECT_MIN_DELAY_MS = 100;

/** Milliseconds up to which any wait for another connection is long. */
export const RECONNECT_MAX_DELAY_MS = 10_000;

/** Milliseconds that running requests are given when an end is closed. */
export const GRACE_MS = 5_000;

/** Milliseconds without a byte from the peer after which it is asked for a sign of life. */
export const KEEP_ALIVE_INTERVAL_MS = 15_000;

/** Milliseconds without a byte from the peer after which it counts as dead. */
export const KEEP_ALIVE_TIMEOUT_MS = 45_000;

/** Milliseconds of silence that a client may ask a server to take for its end, at the least: pings cost both of them. */
export const MIN_KEEP_ALIVE_TIMEOUT_MS = 5_000;

/** Milliseconds between pings that a peer can bring about by giving up soon. */
export const MIN_PING_INTERVAL_MS = 100;

/** Milliseconds from a connection's start to its `hello`. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;

/** Milliseconds a transfer may make no progress while it is the peer's turn. */
export const STALL_TIMEOUT_MS = 60_000;

/** Milliseconds it may make none while others wait for its place: their clients can go on with it later. */
export const CONTENDED_STALL_MS = 5_000;

/** Milliseconds that a connection which ended for an error is still read, so that the peer gets to see the error. */
export const LINGER_MS = 2_000;

/**
 * socket-ftp/testing: servers, clients and bad connections for the tests of a program. For any test runner.
 *
 * @packageDocumentation
 * @module socket-ftp/testing
 */
export { connectedPair, type ConnectedPair } from './connected-pair.js';
export { faultyWire, type FaultyWire } from './faulty-wire.js';
export { memoryFiles } from './memory-files.js';
export type {
  ConnectedPairOptions,
  FaultyWireOptions,
  TestServerOptions,
  WireDirection,
  WireOption,
} from './options.js';
export { testServer, type TestServer } from './test-server.js';

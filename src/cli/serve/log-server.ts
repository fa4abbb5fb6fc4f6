/** What a server tells of its clients, as lines of text or as events. */
import type { ConnectionInfo, FileServer, RequestStart } from '../../index.js';
import type { Output } from '../output/output.js';
import { formatSize } from '../values/size.js';

/** Writes what happens from now on. */
export function logServer(server: FileServer, output: Output): void {
  logConnections(server, output);
  server.on('requestStart', (request) => output.event('requestStart', requestFields(request)));
  server.on('requestEnd', (request) => {
    const { connection, operation, path, target, bytes, durationMs, error } = request;
    const failure = error && { code: error.code, message: error.message };
    output.event('requestEnd', {
      ...requestFields(request),
      bytes,
      durationMs: Math.round(durationMs),
      ...failure,
    });
    const names = [path, target].filter((name) => name !== undefined).map((name) => `/${name}`);
    const numbers = `${formatSize(bytes)}, ${Math.round(durationMs)} ms`;
    output.note(
      ...start(connection),
      [operation, ...names].join(' '),
      ` (${numbers}) `,
      outcome(error?.code),
    );
  });
}

function logConnections(server: FileServer, output: Output): void {
  server.on('connection', (connection) => {
    output.event('connection', connectionFields(connection));
    output.detail(...start(connection), 'connected');
  });
  server.on('login', (connection) => {
    output.event('login', connectionFields(connection));
    output.note(...start(connection), 'logged in');
  });
  server.on('rejected', (connection, error, user) => {
    const { code, message } = error;
    output.event('rejected', { ...connectionFields(connection), user, code, message });
    output.note(...start(connection), ['yellow', 'rejected'], ` ${user ?? ''} ${message}`);
  });
  server.on('disconnect', (connection, error) => {
    output.event('disconnect', {
      ...connectionFields(connection),
      code: error?.code,
      message: error?.message,
    });
    output.detail(...start(connection), 'disconnected', error ? ` ${error.message}` : '');
  });
  server.on('fallback', (connection, reason) => {
    output.event('fallback', { ...connectionFields(connection), reason });
    output.detail(...start(connection), `TCP instead of UDP: ${reason}`);
  });
}

function start(connection: ConnectionInfo | undefined): [['dim', string], string] {
  const time = new Date().toISOString().slice(0, 19).replace('T', ' ');
  const user = connection?.user === undefined ? '' : `${connection.user}@`;
  return [['dim', `${time} `], `${user}${connection?.remoteAddress ?? 'local'} #${connection?.id ?? '-'} `];
}

function outcome(code: string | undefined): ['green' | 'red', string] {
  return code === undefined ? ['green', 'ok'] : ['red', code];
}

function connectionFields(connection: ConnectionInfo | undefined) {
  return { connection: connection?.id, remoteAddress: connection?.remoteAddress, user: connection?.user };
}

function requestFields({ connection, id, operation, path, target }: RequestStart) {
  return { ...connectionFields(connection), request: id, operation, path, target };
}

/** Requests of HTTP to a server of a test. */
import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type Agent as SecureAgent, type RequestOptions } from 'node:https';
import { connect } from 'node:net';
import { onTestFinished } from 'vitest';
import type { FileServer, FileServerOptions, RequestSummary } from '../../../src/index.js';
import { serve, storageOf, type Served } from '../servers/serve.js';
import { trusting } from '../servers/secured.js';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

export interface Question {
  readonly headers?: Record<string, string>;
  readonly body?: Buffer | string;
  /** Name and password. */
  readonly auth?: string;
  readonly secure?: boolean;
  /** Keeps the connection of the request. */
  readonly agent?: Agent | SecureAgent;
}

/** A server of files in memory that answers HTTP. */
export async function serveHttp(
  files: Record<string, string | Uint8Array> = {},
  options: FileServerOptions = {},
): Promise<Served> {
  return serve({ storage: await storageOf(files), http: true, ...options });
}

/** Sends a request, and resolves with the whole answer. */
export async function ask(port: number, line: string, question: Question = {}): Promise<Answer> {
  const { headers = {}, body, auth, secure = false, agent = false } = question;
  const [method, path] = line.split(' ');
  const options: RequestOptions = { port, host: '127.0.0.1', method, path, headers, agent, auth };
  const request = secure ? httpsRequest({ ...options, ...trusting }) : httpRequest(options as object);
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const whole = await bytesOf(response);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: whole,
    text: whole.toString(),
  };
}

async function bytesOf(response: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** An agent that keeps one connection, and closes it when the test ends. */
export function oneConnection(): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  return agent;
}

/** Sends bytes as they are, and resolves with all that the server sends before it closes the connection. */
export async function sendRaw(port: number, bytes: string | Buffer): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' });
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  let received = '';
  socket.setEncoding('latin1').on('data', (text: string) => (received += text));
  socket.write(bytes);
  await new Promise((resolve) => socket.once('close', resolve));
  return received;
}

/** Resolves when a request with this operation has arrived. */
export function started(server: FileServer, operation: string): Promise<void> {
  return new Promise((resolve) => {
    server.on('requestStart', (start) => {
      if (start.operation === operation) resolve();
    });
  });
}

/** Resolves with the summary of the first request with this operation that ends. */
export function ended(server: FileServer, operation: string): Promise<RequestSummary> {
  return new Promise((resolve) => {
    server.on('requestEnd', (summary) => {
      if (summary.operation === operation) resolve(summary);
    });
  });
}

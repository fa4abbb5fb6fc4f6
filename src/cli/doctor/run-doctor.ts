/** Checks a connection step by step, from the name of the host to the rate of a file. */
import type { ConnectionOptions } from 'node:tls';
import type { FileClientOptions } from '../../index.js';
import { clientOptions } from '../connection/with-client.js';
import { loadLibrary } from '../library.js';
import type { CommandContext, RunCommand } from '../runner/command-context.js';
import type { InputOfCommand } from '../runner/command.js';
import { usageError } from '../runner/usage-error.js';
import { parseRemoteUrl, type RemoteUrl } from '../url/remote-url.js';
import type { doctorCommand } from './doctor.js';
import { DoctorReport } from './doctor-report.js';
import { checkCertificate } from './network/check-certificate.js';
import { checkName } from './network/check-name.js';
import { checkPort } from './network/check-port.js';
import { serverPlace } from './network/server-place.js';
import { checkFiles } from './server/check-files.js';
import { checkLogin } from './server/check-login.js';

type Options = InputOfCommand<typeof doctorCommand>['options'];

/** As for every other command. */
const DEFAULT_CONNECT_MS = 10_000;

/** A program that says nothing for this time is taken for silent. */
const ANSWER_MS = 3_000;

const DEFAULT_TEST_BYTES = 4 * 1024 * 1024;

/** Round trips; the shortest one counts. */
const PINGS = 5;

export const runDoctor: RunCommand<typeof doctorCommand.options> = async ({ operands, options }, context) => {
  const [url] = operands.map(parseRemoteUrl);
  if (url === undefined || url.isPattern) throw usageError('doctor takes the URL of a server or directory.');
  const report = new DoctorReport(context.output);
  const given = await clientOptions(url, options, context);
  if (options.exec === undefined && !(await checkNetwork(report, { url, given, options, context })))
    return report.exit;
  await checkServer(report, { url, given, options, context });
  return report.exit;
};

interface Examination {
  readonly url: RemoteUrl;
  readonly given: FileClientOptions;
  readonly options: Options;
  readonly context: CommandContext;
}

async function checkNetwork(
  report: DoctorReport,
  { url, given, options, context: { signal } }: Examination,
): Promise<boolean> {
  const place = serverPlace(url);
  const connectMs = options.connectTimeout ?? DEFAULT_CONNECT_MS;
  const times = { connectMs, answerMs: Math.min(connectMs, ANSWER_MS), signal };
  if (url.socketPath === undefined && !(await checkName(report, url.host))) return false;
  if (!(await checkPort(report, { place, url }, times))) return false;
  if (url.scheme !== 'socket-ftps') return true;
  const trust: ConnectionOptions = typeof given.tls === 'object' ? given.tls : {};
  return checkCertificate(report, { place, trust }, times);
}

async function checkServer(
  report: DoctorReport,
  { url, given, options, context: { signal } }: Examination,
): Promise<void> {
  const { FileClient } = await loadLibrary();
  const client = new FileClient({ ...given, transport: 'tcp', reconnect: false });
  try {
    const { user, password, token } = given;
    const hasSecret = password !== undefined || token !== undefined || options.clientCert !== undefined;
    const facts = { codec: options.codec ?? 'binary', user, hasSecret, signal };
    if (!(await checkLogin(report, client, facts))) return;
    const times: number[] = [];
    for (let number = 0; number < PINGS; number += 1) times.push(await client.ping({ signal }));
    report.passed('round trip', `${Math.min(...times).toFixed(2)} ms`);
    await checkFiles(report, {
      client,
      udpClient: () => new FileClient({ ...given, transport: 'udp', reconnect: false }),
      directory: url.path,
      size: options.size ?? DEFAULT_TEST_BYTES,
      isReadOnly: options.readOnly === true,
      signal,
    });
  } finally {
    await client.close();
  }
}

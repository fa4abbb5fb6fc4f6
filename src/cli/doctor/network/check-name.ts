/** Checks whether the name of the host has addresses. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { errorCode } from '../../runner/exit-of.js';
import type { DoctorReport } from '../doctor-report.js';

/** Whether there is an address. */
export async function checkName(report: DoctorReport, host: string): Promise<boolean> {
  if (isIP(host) !== 0) {
    report.passed('name', `${host} is an address`);
    return true;
  }
  try {
    const found = await lookup(host, { all: true });
    report.passed('name', `${host} is ${found.map(({ address }) => address).join(', ')}`);
    return true;
  } catch (error) {
    const code = errorCode(error) ?? '';
    const hint =
      code === 'EAI_AGAIN'
        ? 'The name server does not answer. Check your network.'
        : 'Check the spelling of the host in the URL.';
    report.failed({ check: 'name', message: `${host} has no address: ${code}`, hint });
    return false;
  }
}

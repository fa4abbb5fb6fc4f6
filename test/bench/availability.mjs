/** The missing requirements of contenders, and the versions of the available ones. */
// @ts-check
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { contenders } from './contenders/table.mjs';
import { versionOf } from './packages/load.mjs';

export const INSTALL_PACKAGES = 'npm ci --prefix test/bench/packages';

/** Where servers are, which not every user has in the path. */
const MORE_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/sbin'];

/** How programs are asked for their version; others are asked by `--version`. @type {Record<string, string>} */
const versionFlags = { nginx: '-v', sshd: '-V', vsftpd: '-v' };

/** The package to install for a contender; undefined if nothing is missing. @type {(name: string) => Promise<string | undefined>} */
export async function missingFor(name) {
  const { packages = [], programs = [] } = contenders[name] ?? {};
  const versions = await Promise.all(packages.map(versionOf));
  if (versions.includes(undefined)) return INSTALL_PACKAGES;
  const paths = await Promise.all(programs.map(findProgram));
  const missing = programs.filter((_, index) => paths[index] === undefined);
  return missing.length > 0 ? `install ${missing.join(' and ')}` : undefined;
}

/** Packages and programs of a contender with their versions. @type {(name: string) => Promise<Record<string, string>>} */
export async function versionsOf(name) {
  const { packages = [], programs = [] } = contenders[name] ?? {};
  const all = await Promise.all([
    ...packages.map(async (one) => /** @type {const} */ ([one, (await versionOf(one)) ?? ''])),
    ...programs.map(async (one) => /** @type {const} */ ([one, await programVersion(one)])),
  ]);
  /** @type {Record<string, string>} */
  const versions = {};
  for (const [one, version] of all) if (version !== '') versions[one] = version;
  return versions;
}

/** The path of a program; undefined if there is none. @type {(name: string) => Promise<string | undefined>} */
export async function findProgram(name) {
  for (const folder of [...(process.env['PATH'] ?? '').split(path.delimiter), ...MORE_FOLDERS]) {
    const file = path.join(folder, name);
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return file;
  }
  return undefined;
}

/** Empty for a program that does not tell. @type {(name: string) => Promise<string>} */
async function programVersion(name) {
  const file = (await findProgram(name)) ?? name;
  const flag = versionFlags[name] ?? '--version';
  // Some say it as an error.
  return new Promise((resolve) => {
    execFile(file, [flag], { timeout: 5_000 }, (_, said, wailed) => {
      resolve(/\d+(\.\d+)+(p\d+)?/.exec(said + wailed)?.[0] ?? '');
    });
  });
}

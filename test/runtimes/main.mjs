/** Packs the package, installs it in a consumer, and uses it from TypeScript and in each runtime: README.md. */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { repositoryRoot } from './root.mjs';
import { run } from './run.mjs';
import { installRuntimes, runtimes } from './runtimes.mjs';
import { typeChecks } from './type-checks.mjs';

/**
 * @typedef {object} Outcome
 * @property {string} name
 * @property {string[]} failures
 */

const NPM_MS = 120_000;
const CONSUMER_MS = 300_000;

if (`${process.platform}-${process.arch}` !== 'linux-x64') {
  console.error('The runtimes are installed from packages for Linux on x64: there is nothing to run here.');
  process.exit(1);
}

const home = await mkdtemp(path.join(tmpdir(), 'socket-ftp-runtimes-'));
try {
  const programs = await installRuntimes();
  await installPackage();
  const outcomes = await typeChecks(home);
  for (const runtime of wanted(process.argv.slice(2)))
    outcomes.push(await consume(runtime, programs.get(runtime.alias) ?? ''));
  conclude(outcomes);
} finally {
  await rm(home, { recursive: true, force: true });
}

/** All runtimes, or those with the names of the command line. @param {string[]} aliases */
function wanted(aliases) {
  return runtimes.filter(({ alias }) => aliases.length === 0 || aliases.includes(alias));
}

/** The consumer gets nothing but the tarball, offline: the package has no dependencies. */
async function installPackage() {
  /** @param {string[]} args @param {string} cwd */
  const npm = async (args, cwd) => {
    const { code, stdout, output } = await run('npm', args, { cwd, ms: NPM_MS });
    if (code !== 0) throw new Error(`npm ${args[0]} failed:\n${output}`);
    return stdout;
  };
  const packed = await npm(
    ['pack', '--json', '--ignore-scripts', '--pack-destination', home],
    repositoryRoot,
  );
  const [{ filename }] = /** @type {[{ filename: string }]} */ (JSON.parse(packed));
  await writeFile(path.join(home, 'package.json'), '{ "private": true }');
  await npm(['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', filename], home);
  await cp(new URL('consumer/', import.meta.url), home, { recursive: true });
  for (const name of ['key.pem', 'certificate.pem'])
    await cp(path.join(repositoryRoot, 'examples/support', `test-only-${name}`), path.join(home, name));
}

/**
 * Runs the consumer as an ES module and as CommonJS.
 *
 * @param {import('./runtimes.mjs').Runtime} runtime
 * @param {string} program
 * @returns {Promise<Outcome>}
 */
async function consume(runtime, program) {
  const { stdout } = await run(program, ['--version'], { cwd: home, ms: NPM_MS });
  const kinds = [];
  for (const file of ['esm.mjs', 'cjs.cjs']) kinds.push(await checkClaims(runtime, program, file));
  const counts = kinds.map(
    ({ kept, known }) => `${kept} claims${known ? ` and ${known} known exceptions` : ''}`,
  );
  return {
    name: `${runtime.name} ${/\d[\d.]+/.exec(stdout)?.[0] ?? ''}: ES module ${counts.join(', CommonJS ')}`,
    failures: kinds.flatMap(({ failures }) => failures),
  };
}

/**
 * Runs a consumer, which prints a line for each claim.
 *
 * @param {import('./runtimes.mjs').Runtime} runtime
 * @param {string} program
 * @param {string} file
 */
async function checkClaims({ args, cannot = [] }, program, file) {
  const { code, stdout, output } = await run(program, [...args, file], { cwd: home, ms: CONSUMER_MS });
  const claims = stdout
    .split('\n')
    .filter((line) => line.startsWith('{"name":'))
    .map(claimOf);
  const failures = claims
    .filter(({ name, error }) => (error === undefined) === cannot.includes(name))
    .map(
      ({ name, error }) => `${file}: ${name}: ${error ?? 'works, although the runtime is said not to do it'}`,
    );
  if (code !== 0 || claims.length === 0) failures.push(`${file}: exit code ${code}: ${output}`);
  const kept = claims.filter(({ error }) => error === undefined).length;
  return { kept, known: cannot.length, failures };
}

/** @param {string} line */
function claimOf(line) {
  const { name, error } = /** @type {{ name: string, error?: string }} */ (JSON.parse(line));
  return { name, error };
}

/** Failures first, then a line for each outcome. @param {Outcome[]} outcomes */
function conclude(outcomes) {
  for (const { name, failures } of outcomes)
    for (const failure of failures) console.log(`${name}\n  ${failure}\n`);
  for (const { name, failures } of outcomes)
    console.log(`${failures.length === 0 ? 'ok  ' : 'FAIL'} ${name}`);
  if (outcomes.some(({ failures }) => failures.length > 0)) process.exitCode = 1;
}

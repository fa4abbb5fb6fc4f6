import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { TransferError } from '../../../src/index.js';
import { defineCommand, type CommandInput } from '../../../src/cli/runner/command.js';
import type { RunCommand } from '../../../src/cli/runner/command-context.js';
import { exitOf } from '../../../src/cli/runner/exit-of.js';
import { ExitError } from '../../../src/cli/runner/exit-error.js';
import { Interruption } from '../../../src/cli/runner/interruption.js';
import { choice, flag, flagOf, integer, list, text } from '../../../src/cli/runner/option-spec.js';
import { runCommandLine } from '../../../src/cli/runner/run-command-line.js';
import { usageError } from '../../../src/cli/runner/usage-error.js';
import { systemScheduler } from '../../../src/cli/progress/scheduler.js';

const command = defineCommand({
  name: 'copy',
  summary: 'Copies',
  arguments: [
    { name: 'source', summary: 'From', isRequired: true, isVariadic: true },
    { name: 'url', summary: 'To', isRequired: true, isLast: true },
  ],
  options: {
    dryRun: flag('Does nothing', { short: 'n' }),
    count: integer('number', 'How many', { min: 1, max: 5 }),
    mode: choice(['fast', 'slow'], 'How'),
    ignore: list('pattern', 'What not'),
    place: text('place', 'Where', { variable: 'SOCKET_FTP_CA' }),
    json: flag('Events'),
  },
  examples: [{ line: 'socket-ftp copy a b', does: 'Copies a' }],
  exitCodes: [],
  isResumable: true,
});

async function run(args: string[], { act, env = {} }: { act?: RunCommand; env?: NodeJS.ProcessEnv } = {}) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const source = new EventEmitter();
  const inputs: CommandInput[] = [];
  const interruption = new Interruption(source, () => {});
  const code: RunCommand = async (input, context) => {
    inputs.push(input);
    return act ? act(input, context) : 'ok';
  };
  const exit = await runCommandLine([{ command, load: async () => code }], {
    args,
    version: '1.2.3',
    stdin: new PassThrough(),
    stdout,
    stderr,
    env,
    scheduler: systemScheduler,
    interruption,
  });
  return {
    exit,
    input: inputs[0],
    stdout: String(stdout.read() ?? ''),
    stderr: String(stderr.read() ?? ''),
    source,
  };
}

describe('a command line', () => {
  it('becomes operands and options', async () => {
    const args = [
      'copy',
      'a',
      'b',
      '-n',
      '--count',
      '3',
      '--mode=slow',
      '--ignore',
      'x',
      '--ignore',
      'y',
      'c',
    ];
    const { exit, input } = await run(args);
    expect(exit).toBe('ok');
    expect(input).toMatchObject({
      operands: ['a', 'b', 'c'],
      options: { dryRun: true, count: 3, mode: 'slow', ignore: ['x', 'y'] },
    });
  });

  it.each([
    [['copy', 'a', ''], /empty/],
    [['copy', 'a', 'b', '--place', ''], /empty/],
    [['copy', 'a'], /copy needs <source\.\.\.> <url>/],
    [['copy'], /missing required argument/],
    [['copy', 'a', 'b', '--count', '6'], /no integer from 1 to 5/],
    [['copy', 'a', 'b', '--mode', 'odd'], /none of fast, slow/],
    [['copy', 'a', 'b', '--dry-rum'], /--dry-run/],
    [['coppy'], /Did you mean copy/],
    [['copy', 'a', 'b', '--password=hunter2'], /SOCKET_FTP_PASSWORD/],
    [['copy', 'a', 'b', '--token', 'hunter2'], /SOCKET_FTP_TOKEN/],
    [[], /Usage/],
  ])('is a usage error that runs nothing: %j', async (args, message) => {
    const { exit, input, stdout, stderr } = await run(args);
    expect({ exit, input, stdout }).toEqual({ exit: 'usage', input: undefined, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('hunter2');
  });

  it('may have files with the names of options behind --', async () => {
    expect((await run(['copy', '--', '--password', 'b'])).input?.operands).toEqual(['--password', 'b']);
  });

  it('takes an option from the environment, unless it is given', async () => {
    process.env['SOCKET_FTP_CA'] = 'environment';
    try {
      expect((await run(['copy', 'a', 'b'])).input?.options['place']).toBe('environment');
      expect((await run(['copy', 'a', 'b', '--place', 'given'])).input?.options['place']).toBe('given');
    } finally {
      delete process.env['SOCKET_FTP_CA'];
    }
  });

  it('shows help with examples, and the version', async () => {
    const help = await run(['copy', '--help']);
    expect(help.exit).toBe('ok');
    expect(help.stdout).toMatch(
      /Usage: socket-ftp copy \[options\] <source\.\.\.> <url>[^]*socket-ftp copy a b/,
    );
    expect(await run(['--version'])).toMatchObject({ exit: 'ok', stdout: '1.2.3\n' });
  });

  it('shows no control character of an argument', async () => {
    expect((await run(['copy', 'a', 'b', '--\x1b[2J'])).stderr).not.toContain('\x1b');
  });

  it('tells a failure as text and, with --json, as an event', async () => {
    const act: RunCommand = async () => {
      throw new TransferError('ENOENT', 'No file.');
    };
    const { exit, stdout, stderr } = await run(['copy', 'a', 'b', '--json'], { act });
    expect(exit).toBe('missing');
    expect(JSON.parse(stdout)).toEqual({
      v: 1,
      event: 'error',
      code: 'ENOENT',
      message: 'ENOENT: No file.',
      exitCode: 5,
    });
    expect(stderr).toBe('socket-ftp: ENOENT: No file.\n');
  });
});

describe('an interruption', () => {
  it('ends the command with the exit code of the signal, and shows what continues it', async () => {
    const { exit, stderr } = await interrupted('SIGINT');
    expect(exit).toBe('interrupted');
    expect(stderr).toMatch(/Interrupted\.[^]*run the same command again:\n {2}socket-ftp copy 'a b' c\n$/);
    expect((await interrupted('SIGTERM')).exit).toBe('terminated');
  });

  it('is no failure of a command that ends by it', async () => {
    expect((await interrupted('SIGINT', 'ok')).exit).toBe('ok');
  });

  it('is also a closed standard output, of which nothing is said', async () => {
    const { exit, stderr } = await interrupted('closed output');
    expect({ exit, stderr }).toEqual({ exit: 'closedOutput', stderr: '' });
  });

  it('ends the process at the second signal', () => {
    const source = new EventEmitter();
    const ends: string[] = [];
    const interruption = new Interruption(source, (exit) => ends.push(exit));
    source.emit('SIGINT');
    expect(interruption.signal.aborted).toBe(true);
    expect(ends).toEqual([]);
    source.emit('SIGTERM');
    expect(ends).toEqual(['terminated']);
    interruption.release();
    expect(source.eventNames()).toEqual([]);
  });

  async function interrupted(name: 'SIGINT' | 'SIGTERM' | 'closed output', result?: 'ok') {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const source = new EventEmitter();
    const interruption = new Interruption(source, () => {});
    const code: RunCommand = async (_input, { signal }) => {
      if (name === 'closed output') interruption.closedOutput();
      else source.emit(name);
      if (result === undefined) signal.throwIfAborted();
      return 'ok';
    };
    const around = {
      version: '',
      stdin: new PassThrough(),
      stdout,
      stderr,
      env: {},
      scheduler: systemScheduler,
    };
    const args = ['copy', 'a b', 'c'];
    const exit = await runCommandLine([{ command, load: async () => code }], {
      ...around,
      args,
      interruption,
    });
    return { exit, stderr: String(stderr.read() ?? '') };
  }
});

describe('the exit code of an error', () => {
  it.each([
    [usageError('x'), 'usage'],
    [new ExitError('limit', 'x'), 'limit'],
    [new TransferError('ECONNREFUSED'), 'connection'],
    [Object.assign(new Error('x'), { code: 'EADDRINUSE' }), 'connection'],
    [Object.assign(new Error('x'), { code: 'ENOTFOUND' }), 'connection'],
    [Object.assign(new Error('x'), { code: 'EAI_AGAIN' }), 'connection'],
    [new TransferError('EAUTH'), 'permission'],
    [new TransferError('EACCES'), 'permission'],
    [new TransferError('ENOENT'), 'missing'],
    [new TransferError('ESTALE'), 'changed'],
    [new TransferError('ESAFETY'), 'refused'],
    [new TransferError('EBADMSG'), 'checksum'],
    [new TransferError('MY_OWN'), 'other'],
    [new TypeError('x'), 'other'],
    ['thrown', 'other'],
  ])('%s is %s', (error, exit) => {
    expect(exitOf(error)).toBe(exit);
  });
});

describe('the name of an option', () => {
  it('is that of its value, with hyphens', () => {
    expect(flagOf('maxConnectionsPerAddress')).toBe('--max-connections-per-address');
  });
});

// A consumer of the package as an ES module.
import * as library from 'socket-ftp';
import { FileClient } from 'socket-ftp/client';
import { codecContract } from 'socket-ftp/contracts';
import { builtinCodecs } from 'socket-ftp/protocol';
import { connectedPair } from 'socket-ftp/testing';
import { report } from './report.mjs';

await report({ library, FileClient, builtinCodecs, codecContract, connectedPair });

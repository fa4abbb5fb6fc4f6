// A consumer of the package as CommonJS.
const library = require('socket-ftp');
const { FileClient } = require('socket-ftp/client');
const { codecContract } = require('socket-ftp/contracts');
const { builtinCodecs } = require('socket-ftp/protocol');
const { connectedPair } = require('socket-ftp/testing');

void import('./report.mjs').then(({ report }) =>
  report({ library, FileClient, builtinCodecs, codecContract, connectedPair }),
);

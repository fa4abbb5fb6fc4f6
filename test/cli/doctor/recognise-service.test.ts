import { describe, expect, it } from 'vitest';
import { recogniseService } from '../../../src/cli/doctor/network/recognise-service.js';

describe('recogniseService', () => {
  it.each([
    ['SSH-2.0-OpenSSH_9.6\r\n', 'SSH'],
    ['HTTP/1.1 400 Bad Request\r\n', 'HTTP'],
    ['<!DOCTYPE html>', 'HTTP'],
    ['\x15\x03\x03\0\x02\x02\x46', 'TLS'],
    ['220 ProFTPD Server ready', 'FTP'],
    ['220 mx.example.org ESMTP Postfix', 'SMTP'],
    ['554 5.5.1 Error: mail commands out of order', 'SMTP'],
    ['220 files.example.org', 'FTP or SMTP'],
    ['* OK IMAP4rev1 ready', 'IMAP'],
    ['+OK POP3 ready', 'POP3'],
    ['welcome version=1 maxFrame=65536', 'socket-ftp'],
    ['error code=EPROTO message=x', 'socket-ftp'],
    ['error code=EPROTO message=This%20port%20speaks%20TLS:%20connect', 'socket-ftp with TLS'],
    ['\xfe\t\x003\x00', 'socket-ftp'],
    ['{"type":"welcome","version":1}', 'socket-ftp'],
    ['<welcome version="1"/>', 'socket-ftp'],
    ['', undefined],
    ['hello', undefined],
    ['2200 no code', undefined],
  ])('takes %j for %s', (text, service) => {
    expect(recogniseService(Buffer.from(text, 'latin1'))).toBe(service);
  });
});

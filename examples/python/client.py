"""Lists, downloads and uploads files of a socket-ftp server: JSON codec, standard library, without login and TLS."""
import errno, json, os, socket, sys, zlib

SILENCE_SECONDS = 45  # A server sends a ping after 15 seconds without other frames.
HEADER_BYTES = 65_536  # The longest header that a server with default limits sends.


class TransferError(Exception):
    """A request or the connection failed. The code is stable, the message may change."""
    def __init__(self, code, message):
        super().__init__(f'{code}: {"".join(filter(str.isprintable, message))}')
        self.code = code


class Client:
    """One connection, which carries one request after the other."""
    def __init__(self, address):
        self.socket = socket.create_connection(address.rsplit(':', 1), timeout=SILENCE_SECONDS)
        self.input, self.id, self.max_frame = self.socket.makefile('rb'), -1, 0
        self.send(type='hello', version=1, agent='client.py')
        self.max_frame = self.receive('welcome')[0]['maxFrame']

    def list(self, path=None):
        body = []
        self.receive_body('list', path, body.append)
        return [json.loads(line) for line in b''.join(body).splitlines()]

    def download(self, path, file):
        """Replaces `file` when all bytes have arrived and were verified. A download that fails leaves a `.part`."""
        with open(file + '.part', 'wb') as part:
            self.receive_body('download', path, part.write)
        os.replace(file + '.part', file)

    def upload(self, file, path):
        with open(file, 'rb') as source:
            size, sent, crc = os.fstat(source.fileno()).st_size, 0, 0
            self.open('upload', path, size=size)
            limit = self.receive('accept')[0]['window']
            while sent < size:
                while sent == limit:
                    ack = self.receive('ack')[0]
                    limit = max(limit, ack['offset'] + ack['window'])
                piece = source.read(min(self.max_frame, limit - sent, size - sent))
                if not piece: raise TransferError('ESTALE', f'{file} became shorter while it was sent.')
                self.send(piece, type='data', id=self.id, length=len(piece))
                sent, crc = sent + len(piece), zlib.crc32(piece, crc)
        self.send(type='end', id=self.id, size=sent, checksum=f'crc32:{crc:08x}')
        result = self.receive('result')[0]
        verify('result', (result['size'], result.get('checksum')), (sent, f'crc32:{crc:08x}'))

    def receive_body(self, op, path, write):
        """The `open` has no `window`, so that the server sends without waiting for acknowledgements."""
        self.open(op, path)
        accept, received, crc = self.receive('accept')[0], 0, 0
        while True:
            frame, payload = self.receive('data', 'result')
            if frame['type'] == 'result' or 'checksum' in frame:
                verify('checksum', frame.get('checksum'), f'crc32:{crc:08x}')
            if frame['type'] == 'result': break
            write(payload)
            received, crc = received + len(payload), zlib.crc32(payload, crc)
        verify('number of bytes', accept.get('size', frame['bytes']), received)

    def open(self, op, path, **fields):
        self.id += 2
        self.send(type='open', id=self.id, op=op, **({'path': path} if path else {}), checksum='crc32', **fields)

    def send(self, payload=None, **frame):
        self.socket.sendall(json.dumps(frame).encode() + b'\n' + (b'' if payload is None else payload + b'\n'))

    def receive(self, *expected):
        """The next frame of an expected type and its payload. Answers pings, and raises the errors of the server."""
        while line := self.input.readline(HEADER_BYTES):
            try: frame = json.loads(line)
            except ValueError: raise TransferError('EPROTO', f'Not a header in JSON: {line[:80]!r}') from None
            payload = self.input.read(min(frame['length'], self.max_frame) + 1) if 'length' in frame else b'\n'
            if not payload.endswith(b'\n'): raise TransferError('EPROTO', 'A payload is too long or cut off.')
            if frame['type'] in expected: return frame, payload[:-1]
            if frame['type'] == 'ping': self.send(type='pong', token=frame['token'])
            if frame['type'] == 'error': raise TransferError(frame['code'], frame.get('message', ''))
        raise TransferError('ECONNRESET', 'The server closed the connection.')


def verify(name, announced, actual):
    if announced != actual: raise TransferError('EBADMSG', f'The {name} is {actual} and should be {announced}.')


def main(arguments):
    match arguments:
        case [address, 'list', *path] if len(path) < 2:
            for entry in Client(address).list(*path): print(entry['kind'], entry.get('size', '-'), repr(entry['path']))
        case [address, 'get', path, file]: Client(address).download(path, file)
        case [address, 'put', file, path]: Client(address).upload(file, path)
        case _: sys.exit(f'{__doc__}\n\nclient.py HOST:PORT list [PATH] | get PATH FILE | put FILE PATH')


if __name__ == '__main__':
    try: main(sys.argv[1:])
    except TransferError as error: sys.exit(f'client.py: {error}')
    except OSError as error: sys.exit(f'client.py: {errno.errorcode.get(error.errno, "EIO")}: {error}')

/**
 * Certificates for tests, made when they are needed: signed by an authority of their own, by themselves, expired, for
 * other names. Written in DER by hand, which is less than any package for it, and no fixture ever expires.
 */
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';

/** A certificate with its key, as TLS takes them. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** The content of a certificate. */
export interface CertificateContent {
  /** DNS names and IPv4 addresses. Default: localhost and 127.0.0.1. */
  names?: readonly string[];
  /** The period of validity. Default: from yesterday to tomorrow. */
  valid?: readonly [from: Date, to: Date];
}

const DAY_MS = 86_400_000;

/** Signs certificates; peers that are given its `cert` trust them. */
export class Authority {
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #name: string;
  readonly cert: string;

  constructor(name = 'test authority') {
    this.#name = name;
    const content = contentOf({ names: [] }, { issuer: name, subject: name, isAuthority: true });
    this.cert = signed(content, this.#keys.publicKey, this.#keys.privateKey);
  }

  /** Makes a certificate. */
  issue(subject: string, content: CertificateContent = {}): Certificate {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const cert = signed(
      contentOf(content, { issuer: this.#name, subject, isAuthority: false }),
      publicKey,
      this.#keys.privateKey,
    );
    return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
  }
}

/** A self-signed certificate. */
export function selfSigned(subject: string, content: CertificateContent = {}): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const cert = signed(
    contentOf(content, { issuer: subject, subject, isAuthority: false }),
    publicKey,
    privateKey,
  );
  return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

interface Parties {
  readonly issuer: string;
  readonly subject: string;
  readonly isAuthority: boolean;
}

/** The signed part, without the key: serial number to subject, and the extensions. */
function contentOf(
  { names = ['localhost', '127.0.0.1'], valid }: CertificateContent,
  { issuer, subject, isAuthority }: Parties,
): { head: Buffer[]; extensions: Buffer } {
  const now = Date.now();
  const [from, to] = valid ?? [new Date(now - DAY_MS), new Date(now + DAY_MS)];
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(15)]);
  const head = [
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    ecdsaWithSha256,
    distinguishedName(issuer),
    der(0x30, time(from), time(to)),
    distinguishedName(subject),
  ];
  const alternatives = names.map((name) =>
    isIP(name) === 0 ? der(0x82, Buffer.from(name)) : der(0x87, Buffer.from(name.split('.').map(Number))),
  );
  const extensions = [
    extension('551d13', der(0x30, ...(isAuthority ? [der(0x01, Buffer.from([0xff]))] : []))),
  ];
  if (alternatives.length > 0) extensions.push(extension('551d11', der(0x30, ...alternatives)));
  return { head, extensions: der(0xa3, der(0x30, ...extensions)) };
}

function signed(
  { head, extensions }: { head: Buffer[]; extensions: Buffer },
  publicKey: KeyObject,
  signer: KeyObject,
): string {
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const content = der(0x30, ...head, spki, extensions);
  const signature = sign('sha256', content, signer);
  const whole = der(0x30, content, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

const ecdsaWithSha256 = der(0x30, objectId('2a8648ce3d040302'));

function distinguishedName(commonName: string): Buffer {
  return der(0x30, der(0x31, der(0x30, objectId('550403'), der(0x0c, Buffer.from(commonName)))));
}

function extension(id: string, value: Buffer): Buffer {
  return der(0x30, objectId(id), der(0x04, value));
}

function objectId(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function time(date: Date): Buffer {
  return der(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]|\..*/g, '')}Z`));
}

/** A value of DER: its tag, its length, and its content. */
function der(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const { length } = body;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

/**
 * The server's half of the handshake: which HELLOs are answered, with what token, and which address a token confirms. Only
 * authentic HELLOs come here. Each address has its own random token, and only a client that receives it can confirm it
 * over TCP, so nothing but answers is sent to an address that the client does not have.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../../clock.js';
import { protocolError } from '../../errors.js';
import type { PathConfirmation } from '../../udp/body-path.js';
import { MIN_DATAGRAM_BYTES } from '../../udp/datagram.js';
import { plainAddress } from '../socket/same-host.js';
import type { Source } from '../socket/datagram-socket.js';
import { ReplayWindow } from './replay-window.js';

export interface HelloRules {
  /** The address of the client's control connection. */
  readonly peerAddress: string;
  /** Whether HELLOs from other addresses are answered, too, e.g. behind a NAT with several addresses. */
  readonly allowsOtherAddresses: boolean;
  /** Bytes of the largest HELLO that is answered. */
  readonly maxDatagram: number;
  readonly now: Clock;
}

interface Candidate {
  readonly source: Source;
  readonly token: number;
  /** Bytes of the largest answer. */
  size: number;
  /** When the first answer of the present handshake was sent. */
  sentMs: number;
}

/** An address that the client has confirmed. */
export interface ConfirmedAddress {
  readonly source: Source;
  /**
   * Time in ms from the first answer to the confirmation: a round trip, or more if the first answer was lost. From a later
   * answer it would be too short, and no measurement afterwards corrects that.
   */
  readonly rttMs: number;
}

/** Addresses that wait for confirmation, at most: a client whose NAT changes its port has a few. */
const MAX_CANDIDATES = 4;

/** Time in ms after the first answer in which a handshake is over: a client gives up earlier. */
const HANDSHAKE_MS = 3_000;

/** Answers at once and per second, at most. A handshake needs 12. */
const MAX_ANSWERS = 64;

export class HelloAnswers {
  readonly #rules: HelloRules;
  readonly #peerAddress: string;
  readonly #replays = new ReplayWindow();
  #candidates: Candidate[] = [];
  #allowance = MAX_ANSWERS;
  #filledMs: number;

  constructor(rules: HelloRules) {
    this.#rules = rules;
    this.#peerAddress = plainAddress(rules.peerAddress);
    this.#filledMs = rules.now();
  }

  /** Returns the token of the answer; `undefined`: the HELLO is not answered. */
  onHello(number: number, size: number, source: Source): number | undefined {
    if (!this.#mayBe(source) || size > this.#rules.maxDatagram) return undefined;
    if (!this.#replays.accept(number) || !this.#spend()) return undefined;
    const candidate = this.#find(source) ?? this.#add(source);
    const now = this.#rules.now();
    candidate.size = Math.max(candidate.size, size);
    if (now - candidate.sentMs > HANDSHAKE_MS) candidate.sentMs = now;
    return candidate.token;
  }

  /** Whether an authentic HELLO came from this address. */
  isCandidate(source: Source): boolean {
    return this.#find(source) !== undefined;
  }

  /** @throws TransferError `EPROTO` - no answer had this token or this size */
  confirm({ token, size }: PathConfirmation): ConfirmedAddress {
    const candidate = this.#candidates.find((known) => known.token === token);
    if (!candidate) throw protocolError('The client confirms an address with an unknown token.');
    const isSize = Number.isSafeInteger(size) && size >= MIN_DATAGRAM_BYTES && size <= candidate.size;
    if (!isSize) {
      throw protocolError(
        `The client confirms datagrams of ${size} bytes, but at most ${candidate.size} were answered.`,
      );
    }
    return { source: candidate.source, rttMs: this.#rules.now() - candidate.sentMs };
  }

  #mayBe({ address }: Source): boolean {
    return this.#rules.allowsOtherAddresses || plainAddress(address) === this.#peerAddress;
  }

  #spend(): boolean {
    const now = this.#rules.now();
    this.#allowance = Math.min(MAX_ANSWERS, this.#allowance + ((now - this.#filledMs) * MAX_ANSWERS) / 1_000);
    this.#filledMs = now;
    if (this.#allowance < 1) return false;
    this.#allowance -= 1;
    return true;
  }

  #find({ address, port }: Source): Candidate | undefined {
    return this.#candidates.find(({ source }) => source.address === address && source.port === port);
  }

  #add(source: Source): Candidate {
    const token = randomBytes(6).readUIntBE(0, 6);
    const candidate = { source, token, size: 0, sentMs: -Infinity };
    this.#candidates = [...this.#candidates, candidate].slice(-MAX_CANDIDATES);
    return candidate;
  }
}

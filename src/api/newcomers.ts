import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { addressMatches, networkOf } from '../auth/address-patterns.ts';

interface Newcomer {
  readonly socket: Socket;
  readonly network: string;
  /** A request has come whole, as far as its headers go, and is being answered. */
  answering: number;
}

export interface NewcomerLimits {
  readonly inAll: number;
  readonly fromOne: number;
}

/** A team behind one address has its browsers' six connections each for as long as pages load; a flood has no end. */
const LIMITS: NewcomerLimits = { inAll: 512, fromOne: 256 };

/**
 * Connections on which nobody has said yet who they are, bounded in all and for each network, so that whoever opens
 * many and says nothing takes the place of nobody else. What proves itself does not count any more. Where there is no
 * room, the oldest gives way, before others one that only waits, of the network that has most: it is the flood itself
 * that suffers, and whoever shares its address gets in all the same.
 */
export class Newcomers {
  readonly #proxies: readonly string[];
  readonly #limits: NewcomerLimits;
  /** By their two ends, since a request over TLS knows another socket than the one that was accepted; oldest first. */
  readonly #all = new Map<string, Newcomer>();
  readonly #perNetwork = new Map<string, number>();

  /** Behind a trusted proxy all come from one address: what it lets through is its own to bound. */
  constructor(trustedProxies: readonly string[], limits = LIMITS) {
    this.#proxies = trustedProxies;
    this.#limits = limits;
  }

  watch(server: Server): void {
    server.on('connection', (socket) => this.#arrive(socket));
    server.on('request', ({ socket }, response) => {
      const newcomer = this.#all.get(endsOf(socket));
      if (!newcomer) return;
      newcomer.answering++;
      response.once('close', () => void newcomer.answering--);
    });
  }

  /** Somebody who is signed in speaks here. */
  known(socket: Socket): void {
    this.#leave(endsOf(socket));
  }

  #arrive(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    if (addressMatches(this.#proxies, address)) return;
    const network = networkOf(address);
    if ((this.#perNetwork.get(network) ?? 0) >= this.#limits.fromOne) this.#makeRoom(network);
    if (this.#all.size >= this.#limits.inAll) this.#makeRoom(this.#fullest());
    const ends = endsOf(socket);
    this.#all.set(ends, { socket, network, answering: 0 });
    this.#perNetwork.set(network, (this.#perNetwork.get(network) ?? 0) + 1);
    socket.once('close', () => this.#leave(ends));
  }

  #makeRoom(network: string): void {
    const own = [...this.#all].filter(([, newcomer]) => newcomer.network === network);
    const [ends, { socket }] = own.find(([, { answering }]) => answering === 0) ?? own[0]!;
    this.#leave(ends);
    socket.destroy();
  }

  #fullest(): string {
    return [...this.#perNetwork].reduce((most, one) => (one[1] > most[1] ? one : most))[0];
  }

  #leave(ends: string): void {
    const newcomer = this.#all.get(ends);
    if (!newcomer) return;
    this.#all.delete(ends);
    const left = this.#perNetwork.get(newcomer.network)! - 1;
    if (left > 0) this.#perNetwork.set(newcomer.network, left);
    else this.#perNetwork.delete(newcomer.network);
  }
}

function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}

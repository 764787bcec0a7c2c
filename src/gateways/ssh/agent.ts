import type { Duplex } from 'node:stream';
import type { Connection } from 'ssh2';
import type { Grant } from '../../access/grant.ts';
import type { Identity } from '../../auth/identity.ts';
import { AppError } from '../../kernel/errors.ts';
import { openAgentChannel } from '../../kernel/ssh2/agent-channel.ts';
import { TEXTS } from './texts.ts';

/** Channels to one client's agent that are open or that it has not answered yet: one is used for each login on a target. */
const MAX_OPEN = 16;

/**
 * The SSH agent a person forwards (`ssh -A`). It is asked for one thing: to enter targets whose account says so. No
 * target ever gets a way to it. As with sshd, one request holds for the whole connection.
 */
export class ForwardedAgent {
  readonly #connection: Connection;
  readonly #forbidden: boolean;
  #asked = false;
  #told = false;
  #open = 0;

  constructor(connection: Connection, identity: Identity) {
    this.#connection = connection;
    this.#forbidden = identity.restrictions?.agentForwarding === false;
  }

  /** The client asks for agent forwarding: whether it may. */
  ask(): boolean {
    this.#asked = true;
    return !this.#forbidden;
  }

  /** How a target may reach it, undefined when the client did not ask. */
  get open(): (() => Promise<Duplex>) | undefined {
    return this.#asked ? () => this.#channel() : undefined;
  }

  /** What a terminal is told before the session, once: that the agent does not go where people may expect it. */
  notice(grant: Grant): string | undefined {
    const used = grant.entry.kind === 'stored' && grant.entry.account.secretKind === 'agent';
    if (!this.#asked || this.#told || used) return undefined;
    this.#told = true;
    return TEXTS.agentStaysHere(grant.asset.name);
  }

  async #channel(): Promise<Duplex> {
    if (this.#forbidden) throw new AppError('target_auth', TEXTS.agentForbidden);
    if (this.#open >= MAX_OPEN) throw new Error('too many channels to the agent');
    this.#open++;
    // one that is never answered stays counted
    const stream = await openAgentChannel(this.#connection).catch((error: unknown) => {
      this.#open--;
      throw error;
    });
    stream.once('close', () => this.#open--);
    return stream;
  }
}

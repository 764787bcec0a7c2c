import { Secret } from '../kernel/secret.ts';
import type { Store } from '../store/store.ts';
import { actorOf } from './actor.ts';
import type { Identity } from './identity.ts';
import * as dialogue from './login-dialogue.ts';
import type { KeyProof, Login, Method, Step } from './login-types.ts';
import { looksLikeToken } from './one-time.ts';
import type { Tickets } from './tickets.ts';
import { TICKET_NAME } from './user-name.ts';

export interface TicketLoginDeps {
  readonly store: Pick<Store, 'audit'>;
  readonly tickets: Pick<Tickets, 'identify'>;
}

/**
 * A login for which a one-time ticket may stand: as the password of `ticket`, or as the user name itself. A ticket that is
 * not good is judged on as a password of `ticket`, whom nobody can be called: the same answer in the same time, and
 * counted like any wrong password. No ticket stands as a name in a log.
 */
export class TicketLogin implements Login {
  readonly #deps: TicketLoginDeps;
  readonly #login: Login;
  readonly #from: Identity['from'];
  /** The open prompt is answered with a ticket, or by one. */
  #asked: string | undefined;

  constructor(deps: TicketLoginDeps, login: Login, from: Identity['from']) {
    this.#deps = deps;
    this.#login = login;
    this.#from = from;
  }

  get methods(): readonly Method[] {
    return this.#login.methods;
  }

  async none(userName: string): Promise<Step> {
    this.#asked = undefined;
    if (!isTicket(userName)) return this.#login.none(userName);
    return this.#redeem(Secret.of(userName));
  }

  keyAcceptable(userName: string, algorithm: string, key: Buffer): Promise<boolean> {
    this.#asked = undefined;
    return this.#login.keyAcceptable(plainName(userName), algorithm, key);
  }

  publicKey(userName: string, proof: KeyProof): Promise<Step> {
    this.#asked = undefined;
    return this.#login.publicKey(plainName(userName), proof);
  }

  async password(userName: string, password: Secret): Promise<Step> {
    this.#asked = undefined;
    return this.#judge(userName, password);
  }

  async keyboardStart(userName: string): Promise<Step> {
    this.#asked = undefined;
    if (!isTicket(userName) && userName !== TICKET_NAME) return this.#login.keyboardStart(userName);
    // where no passwords are taken it is not offered, and not answered
    if (!this.methods.includes('keyboard-interactive')) return this.#login.keyboardStart(TICKET_NAME);
    this.#asked = userName;
    return dialogue.askPassword();
  }

  async keyboardAnswer(answers: readonly Secret[]): Promise<Step> {
    const userName = this.#asked;
    this.#asked = undefined;
    if (userName === undefined) return this.#login.keyboardAnswer(answers);
    return this.#judge(userName, answers.length === 1 ? answers[0]! : Secret.of(''));
  }

  #judge(userName: string, password: Secret): Promise<Step> {
    if (isTicket(userName)) return this.#redeem(Secret.of(userName));
    if (userName === TICKET_NAME && looksLikeToken('bti', password)) return this.#redeem(password);
    return this.#login.password(userName, password);
  }

  async #redeem(token: Secret): Promise<Step> {
    const found = this.methods.length === 0 ? undefined : await this.#deps.tickets.identify(token, this.#from);
    if (!found) return this.#login.password(TICKET_NAME, token);
    const { identity, ticket } = found;
    const { user, factors } = identity;
    await this.#deps.store.audit.append({
      actor: actorOf(identity),
      action: 'login',
      outcome: 'ok',
      target: { kind: 'user', id: user.id, name: user.name },
      reason: null,
      details: { ...factors, ticket: ticket.use },
    });
    return { kind: 'done', identity, ticket };
  }
}

const isTicket = (userName: string) => looksLikeToken('bti', Secret.of(userName));

function plainName(userName: string): string {
  return isTicket(userName) ? TICKET_NAME : userName;
}

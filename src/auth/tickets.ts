import type { Clock } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';
import type { AssetId } from '../kernel/id.ts';
import type { Secret } from '../kernel/secret.ts';
import type { Asset, Ticket } from '../store/model.ts';
import type { Store } from '../store/store.ts';
import { actorOf } from './actor.ts';
import { type Factors, Identity } from './identity.ts';
import { newToken, tokenHash } from './one-time.ts';
import { refuseUser } from './user-state.ts';

const VALID_MS = 60_000;

/** The one use of one asset a ticket is for. */
export type TicketUse = Pick<Ticket, 'account' | 'protocol' | 'use'> & {
  readonly asset: Pick<Asset, 'id' | 'name'>;
};

/**
 * One-time tickets (`bti_…`): who is signed in asks for one, and it opens one use of one asset within a minute, on another
 * connection. It carries no right: that is judged when it is used. It falls with the sign-in or the API token it was
 * asked for with. Only its hash is kept.
 */
export class Tickets {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(deps: { store: Store; clock: Clock }) {
    this.#store = deps.store;
    this.#clock = deps.clock;
  }

  async create(
    who: Identity,
    { asset, account, protocol, use }: TicketUse,
  ): Promise<{ token: Secret; expiresAt: number }> {
    const token = newToken('bti');
    const now = this.#clock.now();
    const expiresAt = now + VALID_MS;
    const ticket: Ticket = {
      userId: who.user.id,
      webSessionId: who.factors.webSession ?? null,
      tokenId: who.factors.tokenId ?? null,
      assetId: asset.id,
      account,
      protocol,
      use,
      createdAt: now,
      expiresAt,
    };
    await this.#store.tickets.create(
      { ...ticket, tokenHash: tokenHash('bti', token)! },
      {
        actor: actorOf(who),
        action: 'connection.ticket',
        outcome: 'ok',
        target: { kind: 'asset', id: asset.id, name: asset.name },
        reason: null,
        details: { account, protocol, use, expiresAt },
      },
    );
    return { token, expiresAt };
  }

  /**
   * Uses up a ticket in the hands of whom it was made for: the same user, in the same browser or with the same API token.
   * AppError `expired`, the same for every reason; a ticket in other hands is used up all the same.
   */
  async redeem(token: Secret, who: Identity): Promise<Ticket> {
    const ticket = await this.#use(token);
    if (ticket) {
      const { webSession = null, tokenId = null } = who.factors;
      if (ticket.userId === who.user.id && ticket.webSessionId === webSession && ticket.tokenId === tokenId)
        return ticket;
      await this.#store.audit.append({
        actor: actorOf(who),
        action: 'connection.ticket',
        outcome: 'denied',
        target: { kind: 'asset', id: ticket.assetId, name: await this.#nameOf(ticket.assetId) },
        reason: 'a ticket of somebody else, or of another sign-in',
        details: { of: ticket.userId, account: ticket.account, protocol: ticket.protocol, use: ticket.use },
      });
    }
    throw new AppError('expired', 'This ticket was used, has expired or is not yours; connect again for a new one.');
  }

  /** Uses up a ticket that comes as a login: who asked for it, with the factors they showed then. */
  async identify(token: Secret, from: Identity['from']): Promise<{ identity: Identity; ticket: Ticket } | undefined> {
    const ticket = await this.#use(token);
    const now = this.#clock.now();
    const user = ticket && (await this.#store.users.byId(ticket.userId));
    if (!ticket || !user || refuseUser(user, now) !== null) return undefined;
    const factors = await this.#factorsOf(ticket, now);
    return factors && { identity: Identity.bind(user, factors, from, null, now), ticket };
  }

  async #use(token: Secret): Promise<Ticket | undefined> {
    const hash = tokenHash('bti', token);
    return hash === undefined ? undefined : this.#store.tickets.use(hash, this.#clock.now());
  }

  async #nameOf(id: AssetId): Promise<string> {
    return (await this.#store.assets.byId(id))?.name ?? id;
  }

  async #factorsOf({ webSessionId, tokenId }: Ticket, now: number): Promise<Factors | undefined> {
    if (webSessionId === null) {
      if (tokenId === null) return undefined;
      return { password: false, publicKey: null, certificate: null, totp: 'none', token: true, tokenId };
    }
    const row = await this.#store.webSessions.byId(webSessionId);
    if (!row || now >= row.expiresAt || now >= row.idleUntil) return undefined;
    return { ...(JSON.parse(row.factors) as Factors), webSession: row.id };
  }
}

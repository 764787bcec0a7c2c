import type { SessionProgram } from '../../kernel/program.ts';
import { useOf } from '../../session/program-use.ts';
import type { Asset, Ticket, Use } from '../../store/model.ts';
import type { Destination } from './destination.ts';

/** What a connection may do for which a ticket stood: one session of what the ticket is for. The rights are judged as ever. */
export class TicketPass {
  readonly #ticket: Ticket;
  #taken = false;

  constructor(ticket: Ticket) {
    this.#ticket = ticket;
  }

  get use(): Use {
    return this.#ticket.use;
  }

  /** True for the first channel. */
  take(): boolean {
    const first = !this.#taken;
    this.#taken = true;
    return first;
  }

  /** A command is what one could type in the shell; files are another right. */
  allows(program: SessionProgram): boolean {
    const asked = useOf(program);
    return asked === this.use || (asked === 'exec' && this.use === 'shell');
  }

  isFor(asset: Pick<Asset, 'id'>): boolean {
    return asset.id === this.#ticket.assetId;
  }
}

/** Where a ticket leads, whatever else stood in the user name. */
export function ticketDestination({ login }: Destination, ticket: Ticket): Destination {
  const { assetId, account, protocol } = ticket;
  return { login, asset: assetId, account, protocol, problem: undefined };
}

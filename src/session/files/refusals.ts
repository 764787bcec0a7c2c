import { STATUS, statusPacket } from '../../kernel/sftp/wire.ts';
import type { Action } from '../../store/model.ts';
import { missingText } from '../missing-right.ts';
import type { ExchangeHost } from './exchange-host.ts';
import type { Flow } from './open-file.ts';
import { MOST_OPEN } from './open-files.ts';
import type { Needs } from './rights.ts';
import { mayNot } from './sentences.ts';

/** Decides what may go on, and answers what may not. What refuses returns false: the request does not reach the target. */
export class Refusals {
  readonly #host: Pick<ExchangeHost, 'asset' | 'may' | 'tell' | 'denied'>;
  readonly #respond: (packet: Buffer) => void;

  /** `respond` gets a packet to the client. */
  constructor(host: Pick<ExchangeHost, 'asset' | 'may' | 'tell' | 'denied'>, respond: (packet: Buffer) => void) {
    this.#host = host;
    this.#respond = respond;
  }

  /** The first action that is needed and not there at this moment. */
  missing(needs: Needs): Action | undefined {
    for (const action of needs) if (!this.#host.may(action)) return action;
    return undefined;
  }

  action(id: number, missing: Action, doing: string): false {
    this.#host.tell(`refused: ${doing} (${missingText(missing)})`);
    const text = mayNot(missing, this.#host.asset);
    this.#host.denied(missing, text);
    return this.#answer(id, STATUS.permissionDenied, text);
  }

  /** As `action`, told once for all the pieces of a file. */
  piece(id: number, missing: Action, doing: string, flow: Flow): false {
    if (flow.trouble) return this.#answer(id, STATUS.permissionDenied, mayNot(missing, this.#host.asset));
    flow.trouble = { result: 'denied', detail: missingText(missing) };
    return this.action(id, missing, doing);
  }

  unknown(id: number, missing: Action, doing: string): false {
    this.#host.tell(`refused: ${doing} (not known here; ${missingText(missing)})`);
    return this.#answer(id, STATUS.unsupported, 'not known to the bastion, which needs all rights to let it pass');
  }

  handle(id: number): false {
    return this.#answer(id, STATUS.failure, 'no such handle');
  }

  full(id: number): false {
    return this.#answer(id, STATUS.failure, `more than ${MOST_OPEN} files are open; close some first`);
  }

  #answer(id: number, code: number, text: string): false {
    this.#respond(statusPacket(id, code, text));
    return false;
  }
}

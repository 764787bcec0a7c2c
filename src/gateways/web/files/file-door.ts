import type { Access, Decision } from '../../../access/access.ts';
import type { Grant } from '../../../access/grant.ts';
import type { Identity } from '../../../auth/identity.ts';
import type { Clock } from '../../../kernel/clock.ts';
import { AppError } from '../../../kernel/errors.ts';
import type { Program } from '../../../kernel/program.ts';
import type { Secret } from '../../../kernel/secret.ts';
import type { EndReason, Registry } from '../../../session/types.ts';
import type { Ticket } from '../../../store/model.ts';
import { FilesSession } from './files-session.ts';
import { SftpClient } from './sftp-client.ts';

const SFTP: Program = { kind: 'subsystem', name: 'sftp' };
/** So long a target may take until it can be asked for files. */
const OPENING_MS = 60_000;

export interface FileDoorDeps {
  readonly access: Pick<Access, 'authorize'>;
  readonly registry: Pick<Registry, 'open'>;
  /** What the ticket was made for, which is used up by that. */
  readonly redeemTicket: (token: Secret, who: Identity) => Promise<Ticket>;
  /** Ends the connection to a target that nothing else holds any more. */
  readonly releaseUpstream: (shareKey: object) => void;
  readonly clock: Clock;
}

interface Opened {
  readonly files: FilesSession;
  readonly who: Identity;
}

/** The files of assets for browsers: each opening is one decision and one session, which is its opener's alone. */
export class FileDoor {
  readonly #deps: FileDoorDeps;
  readonly #open = new Map<string, Opened>();

  constructor(deps: FileDoorDeps) {
    this.#deps = deps;
  }

  /** `input`: what was typed for `@input`. */
  async open(
    who: Identity,
    token: Secret,
    input: { readonly login: string; readonly secret: Secret } | undefined,
  ): Promise<FilesSession> {
    const { access, registry, redeemTicket, clock } = this.#deps;
    const { assetId, account, protocol, use } = await redeemTicket(token, who);
    if (use !== 'files') throw new AppError('invalid', `This ticket is for ${use}; ask for one with use "files".`);
    const grant = granted(await access.authorize({ who, asset: assetId, account, protocol, use, input }));
    const abort = new AbortController();
    const shareKey = {};
    let end = (_: EndReason) => {};
    let locked = () => false;
    const client = new SftpClient({
      clock,
      get locked() {
        return locked();
      },
      over: (detail, ours) => {
        if (ours) end({ cause: 'target-closed', detail });
      },
    });
    const late = clock.after(OPENING_MS, () => abort.abort());
    try {
      const { signal } = abort;
      const options = { pty: undefined, program: SFTP, env: [], shareKey, via: 'web', signal } as const;
      const session = await registry.open(grant, client.channel, options);
      end = (reason) => void session.end(reason);
      locked = () => session.locked;
      const files = new FilesSession(session, client, clock);
      this.#open.set(session.id, { files, who });
      void session.ended.then((reason) => {
        this.#open.delete(session.id);
        files.ended(reason.detail ?? reason.cause);
        this.#deps.releaseUpstream(shareKey);
      });
      try {
        await files.begin();
      } catch (error) {
        await session.end({ cause: 'target-closed', detail: 'its SFTP server did not begin' });
        throw error;
      }
      return files;
    } catch (error) {
      client.fail('it was not opened', false);
      this.#deps.releaseUpstream(shareKey);
      throw error;
    } finally {
      late();
    }
  }

  /** @throws AppError `not_found` for what is not open, and for what somebody else opened, or from another browser. */
  get(id: string, who: Identity): FilesSession {
    const opened = this.#open.get(id);
    if (opened && isSame(opened.who, who)) return opened.files;
    const text = 'These files are not open (any more): open them again with a new ticket.';
    throw new AppError('not_found', text, { details: { closed: true } });
  }
}

function isSame(a: Identity, b: Identity): boolean {
  return (
    a.user.id === b.user.id && a.factors.webSession === b.factors.webSession && a.factors.tokenId === b.factors.tokenId
  );
}

function granted(decision: Decision): Grant {
  switch (decision.kind) {
    case 'allow':
      return decision.grant;
    case 'deny':
      throw new AppError(decision.code, decision.message);
    case 'input':
      throw new AppError('no_account', 'Login and secret of this account must be typed: send them as `input`.');
    default:
      throw new AppError('no_account', 'Say which account: ask for a ticket of one.');
  }
}

import { AppError } from '../kernel/errors.ts';
import type { Session } from './session.ts';
import type { Visit, Watcher } from './types.ts';

export interface VisitOptions {
  readonly name: string;
  /** Came by a link, and not by a right of their own. */
  readonly shared: boolean;
  /** Writes an audit row about the session. */
  readonly audit: (action: 'session.join' | 'session.leave') => Promise<void>;
  /** A row that could not be written. */
  readonly failed: (error: unknown) => void;
}

/** One watcher at a session, who may type along. What they do there is audited before it takes effect. */
export function beginVisit(session: Session, watcher: Watcher, options: VisitOptions): Visit {
  const { name, shared, audit, failed } = options;
  const detach = session.watch(watcher);
  const { participants } = session;
  let here = true;
  const participant = participants.enter(name, shared, (on) => {
    // whatever the reason: the rows tell from when to when somebody typed
    if (!on) audit('session.leave').catch(failed);
    watcher.typing?.(on);
  });
  return {
    get typing() {
      return participant.typing;
    },
    async join() {
      if (participant.typing) return;
      await audit('session.join');
      if (!here || !session.isLive) {
        audit('session.leave').catch(failed);
        throw new AppError('conflict', 'The session is over already.');
      }
      participants.setTyping(participant, true);
    },
    part() {
      participants.setTyping(participant, false);
    },
    input(chunk) {
      participants.type(participant, chunk);
    },
    leave() {
      if (!here) return;
      here = false;
      detach();
      participants.leave(participant);
    },
  };
}

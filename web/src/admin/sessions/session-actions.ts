import type { SessionView } from '../../../../src/api/contract/sessions.ts';
import { api } from '../../kit/api.ts';
import { useConfirm } from '../../kit/confirm.tsx';
import { useWords } from '../../kit/words.ts';
import { useRun } from '../parts/run.ts';
import { sessionWords } from './words.ts';

/** What an administrator does with live sessions. */
export function useSessionActions() {
  const t = useWords(sessionWords);
  const run = useRun('sessions');
  const confirm = useConfirm();
  return {
    setLocked: (row: SessionView, locked: boolean) =>
      run.one(
        () => (locked ? api.sessions.lock({ id: row.id }) : api.sessions.unlock({ id: row.id })),
        locked ? t.lockedDone : t.unlockedDone,
      ),
    end: (rows: readonly SessionView[], done?: () => void) =>
      confirm({
        title: t.endTitle(rows.length, rows[0]!.user, rows[0]!.asset),
        text: t.endText,
        action: t.end,
        run: () => run.each(rows, ({ id }) => api.sessions.end({ id }), t.endDone).then(done),
      }),
  };
}

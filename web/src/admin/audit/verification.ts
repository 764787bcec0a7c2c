import { useEffect, useRef, useState } from 'react';
import type { AuditFinding, AuditHead, VerifyEvent, VerifySummary } from '../../../../src/api/contract/audit.ts';
import { api } from '../../kit/api.ts';

/** So many findings are kept; of the rest only the number is. */
const KEPT = 500;
/** The page is drawn again at most so often. */
const DRAW_MS = 100;

export interface Verification {
  readonly progress: Extract<VerifyEvent, { kind: 'progress' }> | undefined;
  readonly findings: readonly AuditFinding[];
  readonly findingCount: number;
  readonly summary: VerifySummary | undefined;
  readonly error: unknown;
  /** It ended without having come to the end. */
  readonly brokenOff: boolean;
}

const NOTHING: Verification = {
  progress: undefined,
  findings: [],
  findingCount: 0,
  summary: undefined,
  error: undefined,
  brokenOff: false,
};

/** One verification at a time, told as it goes; it ends when the page is left. */
export function useVerification() {
  const [state, setState] = useState<Verification>();
  const [running, setRunning] = useState(false);
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);

  const start = async (options: { recordings: boolean; head?: AuditHead }) => {
    const controller = new AbortController();
    abort.current = controller;
    setRunning(true);
    setState(NOTHING);
    let now: Verification = NOTHING;
    let drawn = 0;
    const findings: AuditFinding[] = [];
    const draw = (fields: Partial<Verification>) => {
      now = { ...now, ...fields };
      if (Date.now() - drawn < DRAW_MS) return;
      drawn = Date.now();
      setState(now);
    };
    try {
      for await (const event of api.audit.verify(options, { signal: controller.signal })) {
        if (event.kind === 'progress') draw({ progress: event });
        else if (event.kind === 'finding') {
          if (findings.length < KEPT) findings.push(event);
          draw({ findings: [...findings], findingCount: now.findingCount + 1 });
        } else now = { ...now, summary: event };
      }
      now = { ...now, brokenOff: now.summary === undefined };
    } catch (error) {
      if (!controller.signal.aborted) now = { ...now, error };
    } finally {
      if (abort.current === controller) {
        setState(now);
        setRunning(false);
      }
    }
  };
  return { state, running, start, stop: () => abort.current?.abort() };
}

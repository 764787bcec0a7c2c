import { type ComponentType, type ReactNode, useEffect, useState } from 'react';
import { answers } from './answers.ts';
import { Offline, OfflineNotice } from './offline.tsx';

interface Part<P> {
  /** Fetches it before it is shown. */
  readonly ahead: () => Promise<void>;
  readonly waiting: ReactNode;
  readonly offline: ReactNode;
  component?: ComponentType<P>;
}

/** While the bastion cannot be reached it is asked again after so long, and then in ever longer steps. */
const RETRY_MS = 1000;
const LONGEST_RETRY_MS = 15_000;

/** The build's loader asks for a style once, whether it came or not: these did not. */
const failedStyles = new Set<HTMLLinkElement>();
document.addEventListener(
  'error',
  ({ target }) => {
    if (target instanceof HTMLLinkElement && target.rel === 'stylesheet') failedStyles.add(target);
  },
  true,
);

async function stylesAgain(): Promise<void> {
  const styles = [...failedStyles];
  failedStyles.clear();
  await Promise.all(
    styles.map(
      (style) =>
        new Promise<void>((resolve, reject) => {
          const again = style.cloneNode() as HTMLLinkElement;
          again.onload = () => resolve();
          again.onerror = () => reject(new Error(`${again.href} could not be fetched`));
          style.replaceWith(again);
        }),
    ),
  );
}

/**
 * A part of the pages that is fetched when it is first shown, or when `ahead` says so. Not React's `lazy`: once that
 * has shown that something is waited for, it holds back what came for 300 ms; and it never asks a second time.
 *
 * `offline` is shown in its place while the bastion cannot be reached. A part whose place is elsewhere, as a dialog's,
 * waits with nothing (`null`), and is missed in a notice.
 */
export function fetched<P extends object>(
  load: () => Promise<{ default: ComponentType<P> }>,
  waiting: ReactNode,
  offline: ReactNode = waiting === null ? <OfflineNotice /> : <Offline />,
) {
  const part: Part<P> = {
    ahead: async () => {
      await stylesAgain();
      part.component = (await load()).default;
    },
    waiting,
    offline,
  };
  return Object.assign((props: P) => <Fetched part={part} props={props} />, { ahead: part.ahead });
}

function Fetched<P extends object>({ part, props }: { readonly part: Part<P>; readonly props: P }) {
  const [fault, setFault] = useState<Error>();
  const [offline, setOffline] = useState(false);
  const [, setCame] = useState(false);
  useEffect(() => {
    if (part.component) return;
    const left = new AbortController();
    bring(part, left.signal, () => setOffline(true)).then(
      () => setCame(true),
      (thrown: Error) => setFault(thrown),
    );
    return () => left.abort();
  }, [part]);
  // for the boundary around it, which knows what to do then
  if (fault) throw fault;
  const Component = part.component;
  if (Component) return <Component {...props} />;
  return offline ? part.offline : part.waiting;
}

/** Fetches a part, however long the bastion is away. Throws once the bastion answers and has no such part. */
async function bring<P>(part: Part<P>, left: AbortSignal, missed: () => void): Promise<void> {
  for (let answered = false; !left.aborted; answered = true) {
    try {
      return await part.ahead();
    } catch (thrown) {
      if (answered) throw thrown;
    }
    for (let wait = RETRY_MS; !left.aborted && !(await answers()); wait = Math.min(2 * wait, LONGEST_RETRY_MS)) {
      missed();
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

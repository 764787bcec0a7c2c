import { type ComponentType, type ReactNode, useEffect, useState } from 'react';

interface Part<P> {
  /** Fetches it before it is shown. */
  readonly ahead: () => Promise<void>;
  readonly waiting: ReactNode;
  component?: ComponentType<P>;
}

/**
 * A part of the pages that is fetched when it is first shown, or when `ahead` says so. Not React's `lazy`: once that
 * has shown that something is waited for, it holds back what came for 300 ms.
 */
export function fetched<P extends object>(load: () => Promise<{ default: ComponentType<P> }>, waiting: ReactNode) {
  const part: Part<P> = {
    ahead: async () => {
      part.component = (await load()).default;
    },
    waiting,
  };
  return Object.assign((props: P) => <Fetched part={part} props={props} />, { ahead: part.ahead });
}

function Fetched<P extends object>({ part, props }: { readonly part: Part<P>; readonly props: P }) {
  const [fault, setFault] = useState<Error>();
  const [, setCame] = useState(false);
  useEffect(() => {
    if (part.component) return;
    part.ahead().then(
      () => setCame(true),
      (thrown: Error) => setFault(thrown),
    );
  }, [part]);
  // for the boundary around it, which knows what to do then
  if (fault) throw fault;
  const Component = part.component;
  return Component ? <Component {...props} /> : part.waiting;
}

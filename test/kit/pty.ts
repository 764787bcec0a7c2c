import { type IPty, spawn } from 'node-pty';

const PATIENCE_MS = 20_000;

/** A program on a terminal, answered as it asks. */
export interface OnPty extends Disposable {
  readonly ended: Promise<number>;
  /** Everything it wrote so far. */
  output(): string;
  /** Resolves when what it wrote after the last match matches; rejects with the output when it ends before, or stalls. */
  expect(pattern: RegExp): Promise<RegExpMatchArray>;
  type(text: string): void;
  kill(signal?: string): void;
}

/** Starts a program on a terminal of its own; end it with `using`. */
export function onPty(
  file: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): OnPty {
  const pty: IPty = spawn(file, [...args], {
    name: 'xterm-256color',
    cols: 120,
    rows: 40,
    env: options.env ?? process.env,
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  let text = '';
  let from = 0;
  let over = false;
  const checks = new Set<() => void>();
  const check = () => {
    for (const one of [...checks]) one();
  };
  pty.onData((data) => {
    text += data;
    check();
  });
  const ended = new Promise<number>((resolve) =>
    pty.onExit(({ exitCode }) => {
      over = true;
      check();
      resolve(exitCode);
    }),
  );
  return {
    ended,
    output: () => text,
    expect: (pattern) =>
      new Promise((resolve, reject) => {
        const settle = (done: () => void) => {
          clearTimeout(timer);
          checks.delete(attempt);
          done();
        };
        const attempt = () => {
          const match = text.slice(from).match(pattern);
          if (match) {
            from += match.index! + match[0].length;
            settle(() => resolve(match));
          } else if (over) settle(() => reject(new Error(`ended before ${pattern}: ${JSON.stringify(text)}`)));
        };
        const timer = setTimeout(
          () => settle(() => reject(new Error(`never saw ${pattern}: ${JSON.stringify(text)}`))),
          PATIENCE_MS,
        );
        checks.add(attempt);
        attempt();
      }),
    type: (input) => pty.write(input),
    kill: (signal) => pty.kill(signal),
    [Symbol.dispose]() {
      if (!over) pty.kill('SIGKILL');
    },
  };
}

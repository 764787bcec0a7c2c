import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { finished, type RunResult, seen, start } from './process.ts';

export const EXECUTABLE = join(import.meta.dirname, '../../dist/bastion');

/** Where the executable lies in the clean root. */
const BASTION = '/bin/bastion';

export interface Who {
  readonly uid: number;
  readonly gid: number;
}

/** A daemon in the clean root. */
export interface Caged extends AsyncDisposable {
  readonly pid: number;
  readonly sshPort: number;
  readonly httpPort: number;
  /** What it printed on standard output before it was ready. */
  readonly greeting: string;
  stop(): Promise<RunResult>;
}

/**
 * A root directory with nothing in it but the executable, the C and C++ libraries, a shell for the demo and what a
 * terminal needs: no Node, no /tmp, no /proc, no /etc, nobody's home. Needs root, as chroot does.
 */
export class CleanRoot implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'bastion-clean-root-'));

  constructor() {
    if (!existsSync(EXECUTABLE)) throw new Error('there is no dist/bastion: run ./scripts/package');
    chmodSync(this.path, 0o755);
    this.#put(EXECUTABLE, BASTION);
    this.#put('/bin/sh', '/bin/sh');
    for (const library of new Set(['/bin/sh', EXECUTABLE].flatMap(librariesOf))) this.#put(library, library);
    mkdirSync(join(this.path, 'dev/pts'), { recursive: true });
    symlinkSync('pts/ptmx', join(this.path, 'dev/ptmx'));
    execFileSync('mknod', ['-m', '666', join(this.path, 'dev/null'), 'c', '1', '3']);
  }

  /** An empty data directory of this user: as a path within. */
  dataOf({ uid, gid }: Who, name: string): string {
    mkdirSync(join(this.path, name), { mode: 0o700 });
    chownSync(join(this.path, name), uid, gid);
    return `/${name}`;
  }

  /** Runs the executable in the root, with no more environment than is given. */
  start(who: Who, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    // a mount of its own for the terminals, which ends with the process
    const script = 'mount -t devpts -o newinstance,ptmxmode=0666 devpts "$1/dev/pts" && shift && exec chroot "$@"';
    const cage = [this.path, `--userspec=${who.uid}:${who.gid}`, '--groups=', this.path, BASTION];
    return start('/usr/bin/unshare', ['--mount', '/bin/sh', '-c', script, 'sh', ...cage, ...args], { env });
  }

  run(who: Who, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<RunResult> {
    const child = this.start(who, args, env);
    child.stdin!.end();
    return finished(child);
  }

  async serve(who: Who, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Caged> {
    const free = {
      BASTION_SSH__LISTEN: '127.0.0.1:0',
      BASTION_HTTP__LISTEN: '127.0.0.1:0',
      BASTION_LOG__FORMAT: 'json',
    };
    const child = this.start(who, ['serve', ...args], { ...free, ...env });
    const ended = finished(child);
    let greeting = '';
    child.stdout!.on('data', (chunk: Buffer) => {
      greeting += chunk.toString();
    });
    const [line] = await seen(child.stderr!, /^\{[^\n]*"msg":"ready"[^\n]*\}$/m);
    const ready = JSON.parse(line) as { ssh: string[]; http: string[] };
    const port = (addresses: string[]) => Number(addresses[0]!.match(/:(\d+)$/)![1]);
    const stop = (signal: NodeJS.Signals) => {
      child.kill(signal);
      return ended;
    };
    return {
      pid: child.pid!,
      sshPort: port(ready.ssh),
      httpPort: port(ready.http),
      greeting,
      stop: () => stop('SIGTERM'),
      [Symbol.asyncDispose]: async () => {
        await stop('SIGKILL');
      },
    };
  }

  /** Everything in the root except below these directories: name, kind, mode, owner, size, and when it was written. */
  listing(except: readonly string[] = []): string[] {
    const below = (path: string): string[] => {
      if (except.includes(path)) return [];
      const state = lstatSync(join(this.path, path));
      const line = [path || '/', state.mode.toString(8), state.uid, state.gid];
      if (state.isSymbolicLink()) return [[...line, readlinkSync(join(this.path, path))].join(' ')];
      if (!state.isDirectory()) return [[...line, state.size, state.mtimeMs].join(' ')];
      const names = readdirSync(join(this.path, path)).sort();
      return [line.join(' '), ...names.flatMap((name) => below(`${path}/${name}`))];
    };
    return below('');
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  #put(from: string, to: string): void {
    const target = join(this.path, to);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(from, target);
    chmodSync(target, 0o755);
  }
}

function librariesOf(program: string): string[] {
  const told = execFileSync('ldd', [program], { encoding: 'utf8' });
  return [...told.matchAll(/(\/\S+)\s+\(0x/g)].map(([, path]) => path!);
}

/** The processes that run this executable of the root, by their ids. */
export function runningIn(root: CleanRoot): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/exe`) === join(root.path, BASTION);
      } catch {
        // it has ended meanwhile, or is one of the kernel
        return false;
      }
    })
    .map(Number);
}

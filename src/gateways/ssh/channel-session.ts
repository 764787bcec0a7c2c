import type { ServerChannel, Session as Ssh2Session } from 'ssh2';
import type { ExitStatus, PtyRequest, Size } from '../../kernel/channel.ts';
import { execProgram, type SessionProgram, SHELL } from '../../kernel/program.ts';
import { type SshClientChannel, serverChannel } from '../../kernel/ssh2/channel.ts';
import { ClientPort } from './client-port.ts';
import type { ConnectionContext } from './context.ts';
import { accountForms } from './destination.ts';
import { chooseAccount, typeCredentials } from './dialogue.ts';
import { ClientEnvironment } from './env.ts';
import { serveMenu } from './menu-session.ts';
import { forced, openSession, type Wish } from './opening.ts';
import { errorLine, TEXTS } from './texts.ts';
import { type Running, serveTree } from './tree/serve.ts';

/** The bastion itself refused or failed (CONTRACT §4). */
const REFUSED: ExitStatus = { kind: 'code', code: 254 };
/** More cells than this no screen has; a terminal emulator somewhere would pay for them. */
const MAX_SIDE = 1024;
/** Logins and passwords a person may type for one target. */
const MAX_INPUTS = 3;

export type SessionEnd = 'revoked' | 'shutdown';

/** One channel of type "session": collects what the client asks for, then runs it. */
export class ChannelSession {
  readonly #context: ConnectionContext;
  readonly #env: ClientEnvironment;
  readonly #onOver: () => void;
  readonly #abort = new AbortController();
  #pty: PtyRequest | undefined;
  #port: ClientPort | undefined;
  #live: Running | undefined;

  /** `session` is what ssh2's `accept()` just returned. */
  constructor(context: ConnectionContext, session: Ssh2Session, onOver: () => void) {
    this.#context = context;
    this.#env = new ClientEnvironment(context.config.ssh.env);
    this.#onOver = onOver;
    let channel: SshClientChannel | undefined;

    session.on('pty', (accept, reject, info) => {
      if (context.identity.restrictions?.pty === false) return reject?.();
      const { term, modes } = info;
      this.#pty = {
        term: /^[\x21-\x7e]{0,64}$/.test(term) ? term : 'dumb',
        size: sizeOf(info),
        modes: modes as Record<string, number>,
      };
      accept?.();
    });
    session.on('env', (accept, reject, info) => {
      const { key, val } = info;
      if (this.#env.set(key, val)) accept?.();
      else reject?.();
    });
    session.on('window-change', (accept, _reject, info) => {
      if (channel) channel.resized(sizeOf(info));
      else if (this.#pty) this.#pty = { ...this.#pty, size: sizeOf(info) };
      accept?.();
    });
    session.on('signal', (accept, _reject, info) => {
      channel?.signalled(info.name);
      accept?.();
    });
    session.on('auth-agent', (accept, reject) => {
      if (context.agent.ask()) accept?.();
      else reject?.();
    });

    const start = (accept: () => ServerChannel, run: (port: ClientPort) => Promise<ExitStatus | undefined>) => {
      // Everything up to the port in one turn: what the client sends at once would be lost
      const opened = accept() as ServerChannel | undefined;
      if (!opened) return;
      channel = serverChannel(opened, { terminal: this.#pty !== undefined });
      const port = new ClientPort(channel, this.#pty?.size);
      this.#port = port;
      port.onClosed(() => this.#abort.abort());
      void this.#run(port, run);
    };
    session.on('shell', (accept) => start(accept, (port) => this.#program(port, SHELL)));
    session.on('exec', (accept, _reject, info) => {
      const { commandBytes } = info as typeof info & { readonly commandBytes: Buffer };
      start(accept, (port) => this.#program(port, execProgram(commandBytes)));
    });
    session.on('subsystem', (accept, _reject, info) =>
      start(accept, (port) => this.#program(port, { kind: 'subsystem', name: info.name })),
    );
    session.on('close', () => {
      this.#abort.abort();
      if (!this.#port) onOver();
    });
  }

  /** Tells the terminal why and ends what runs on this channel. Resolves when it is over. */
  async end(cause: SessionEnd, text: string): Promise<void> {
    // the menu's list stands below the cursor, and would show through
    const erase = this.#live ? '' : '\x1b[J';
    if (this.#live) await this.#live.end({ cause });
    if (this.#port?.isTerminal) this.#port.channel.write(Buffer.from(`${erase}\r\n${errorLine(text, true)}`));
    this.#abort.abort();
    if (this.#port && !this.#port.closed) this.#close(this.#port, REFUSED);
  }

  async #run(port: ClientPort, run: (port: ClientPort) => Promise<ExitStatus | undefined>): Promise<void> {
    try {
      const status = await run(port);
      if (status) this.#close(port, status);
    } catch (error) {
      this.#context.log.error({ err: error }, 'an SSH channel failed');
      this.#close(port, this.#refuse(port, 'something went wrong; the log of the bastion has the details'));
    } finally {
      this.#onOver();
    }
  }

  /** undefined: a session ran, and it has ended the channel itself. */
  async #program(port: ClientPort, program: SessionProgram): Promise<ExitStatus | undefined> {
    const { destination, pass } = this.#context;
    this.#showNotices(port);
    if (pass?.allows(program) === false) return this.#refuse(port, TEXTS.ticketUse(pass.use));
    if (destination.problem !== undefined) return this.#refuse(port, destination.problem);
    if (destination.asset !== undefined) {
      const { asset, account, protocol } = destination;
      return this.#direct(port, { ...this.#request(program), asset, account, protocol });
    }
    if (isSftp(forced(this.#context, this.#request(program)).program))
      return serveTree(this.#context, port, (tree) => {
        this.#live = tree;
      });
    if (program.kind !== 'shell' || !port.isTerminal) return this.#refuse(port, TEXTS.needsDestination);
    const left = await serveMenu(this.#context, port, this.#request(SHELL), this.#abort.signal, (session) => {
      this.#live = session;
    });
    return left === 'left' ? { kind: 'code', code: 0 } : REFUSED;
  }

  async #direct(port: ClientPort, first: Wish): Promise<ExitStatus | undefined> {
    const { signal } = this.#abort;
    let wish = first;
    let inputs = 0;
    for (;;) {
      const opening = await openSession(this.#context, port, wish, { returns: false, signal });
      if (opening.kind === 'session') {
        this.#live = opening.session;
        await opening.session.ended;
        wish.input?.secret.wipe();
        // the session has ended the channel already; this only makes sure
        if (!port.closed) port.channel.close();
        return undefined;
      }
      wish.input?.secret.wipe();
      if (signal.aborted) return REFUSED;
      if (opening.kind === 'failed') return this.#refuse(port, opening.message);
      if (opening.kind === 'choose') {
        const { asset, accounts } = opening;
        if (!port.isTerminal) {
          return this.#refuse(port, TEXTS.chooseAccount(accountForms(this.#context, asset.name, accounts)));
        }
        const account = await chooseAccount(this.#context, port, asset.name, accounts, signal);
        if (account === undefined) return this.#refuse(port, TEXTS.cancelled);
        wish = { ...wish, account };
      } else {
        if (!port.isTerminal) return this.#refuse(port, TEXTS.inputNeedsTerminal);
        if (opening.message !== undefined) port.channel.write(Buffer.from(errorLine(opening.message, true)));
        if (++inputs > MAX_INPUTS) return this.#refuse(port, TEXTS.wrongThreeTimes);
        const input = await typeCredentials(this.#context, port, opening.login, signal);
        if (input === undefined) return this.#refuse(port, TEXTS.cancelled);
        wish = { ...wish, input };
      }
    }
  }

  #request(program: SessionProgram): Pick<Wish, 'pty' | 'program' | 'env'> {
    return { pty: this.#pty, program, env: this.#env.entries() };
  }

  #showNotices(port: ClientPort): void {
    const { notices } = this.#context;
    if (!port.isTerminal) return;
    for (const notice of notices) port.channel.write(Buffer.from(errorLine(notice, true)));
    notices.clear();
  }

  /** The one line: on the terminal, else on stderr. */
  #refuse(port: ClientPort, message: string): ExitStatus {
    const line = Buffer.from(errorLine(message, port.isTerminal));
    if (port.isTerminal) port.channel.write(line);
    else port.channel.writeError(line);
    return REFUSED;
  }

  #close(port: ClientPort, status: ExitStatus): void {
    port.channel.exit(status);
    port.channel.eof();
    port.channel.close();
  }
}

const isSftp = (program: SessionProgram) => program.kind === 'subsystem' && program.name === 'sftp';

function sizeOf(info: object): Size {
  const { cols, rows, width, height } = info as { cols: number; rows: number; width: number; height: number };
  return { cols: Math.min(cols, MAX_SIDE), rows: Math.min(rows, MAX_SIDE), width, height };
}

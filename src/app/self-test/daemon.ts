import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { inProcess } from '../../api/in-process.ts';
import { configSchema } from '../../config/schema.ts';
import { silentLog } from '../../kernel/log.ts';
import { type Client, createClient } from '../../sdk/client.ts';
import { type App, startApp } from '../app.ts';
import { demoConfig, seedDemo } from '../demo.ts';
import { typeIntoTerminal } from './login.ts';

/** How long what is done in the background may take on a busy machine. */
const WAIT_MS = 20_000;
const ASK_AGAIN_MS = 25;
/** Anything but 0 and 254, to see that it comes through. */
const EXIT_CODE = 7;

/** A daemon of the demo's kind with its own data, on ports that are free. */
export class TestDaemon {
  /** Printed by the shell, and never typed as it is printed. */
  readonly #marker = `bastion-${randomBytes(6).toString('hex')}`;
  readonly #app: App;
  readonly #client: Client;
  readonly #login: { user: string; password: string };
  #session = '';

  private constructor(app: App, client: Client, login: { user: string; password: string }) {
    this.#app = app;
    this.#client = client;
    this.#login = login;
  }

  static async start(dataDir: string): Promise<TestDaemon> {
    const config = demoConfig(
      configSchema.parse({ ssh: { listen: ':0' }, http: { listen: ':0' }, session: { disk_reserve: '1MiB' } }),
    );
    const app = await startApp({ config, dataDir, log: silentLog(), configFile: null, demo: true });
    const client = createClient({ transport: inProcess(app.api, { kind: 'machine', name: 'self-test' }) });
    return new TestDaemon(app, client, await seedDemo(app.api, dataDir));
  }

  /** The first page of the console, and every script and style that it names, over HTTP. */
  async pages(): Promise<string> {
    const page = await this.#get('/', 'text/html');
    const parts = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
    if (parts.length === 0) throw new Error('the first page has no scripts');
    for (const part of parts) await this.#get(part, '*/*');
    return `${parts.length + 1} files`;
  }

  async login(): Promise<string> {
    const [first, second] = [this.#marker.slice(0, 9), this.#marker.slice(9)];
    const line = `test -t 1 && printf '%s%s\\n' ${first} ${second}; exit ${EXIT_CODE}`;
    const { output, exitCode, algorithms } = await typeIntoTerminal(this.#app, this.#target(), line);
    if (!output.includes(this.#marker)) throw new Error(`the shell answered: ${output.trim() || 'nothing'}`);
    if (exitCode !== EXIT_CODE) throw new Error(`the exit code ${EXIT_CODE} came back as ${exitCode}`);
    return `${algorithms.kex}, ${algorithms.cs.cipher}`;
  }

  /** The recording of that session, rendered, in storage, and read as a player reads it. */
  async recording(): Promise<string> {
    const session = await this.#until('the recording is not finished', async () => {
      const [one] = (await this.#client.sessions.list()).items;
      return one?.recording === 'ready' ? one : undefined;
    });
    this.#session = session.id;
    let cast = '';
    for await (const text of this.#client.sessions.recording({ id: session.id })) cast += text;
    const printed = cast
      .split('\n')
      .slice(1)
      .filter((event) => event !== '')
      .map((event) => JSON.parse(event) as [number, string, string])
      .filter(([, kind]) => kind === 'o')
      .map(([, , text]) => text)
      .join('');
    if (!printed.includes(this.#marker)) throw new Error('the recording lacks what the terminal showed');
    return `${session.recordingBytes} bytes`;
  }

  async search(): Promise<string> {
    const hit = await this.#until('what the terminal showed cannot be found by searching', async () => {
      const { items } = await this.#client.search.output({ text: this.#marker, session: this.#session });
      return items[0];
    });
    return `found at ${hit.seconds} s`;
  }

  async audit(): Promise<string> {
    for await (const event of this.#client.audit.verify({ recordings: true })) {
      if (event.kind === 'finding') throw new Error(event.text);
      if (event.kind === 'done') return `${event.rows} rows, ${event.recordings} recording`;
    }
    throw new Error('the verification did not end');
  }

  stop(): Promise<void> {
    return this.#app.stop();
  }

  #target() {
    return { user: `${this.#login.user}@local`, password: this.#login.password };
  }

  async #get(path: string, accept: string): Promise<string> {
    const response = await fetch(`${this.#app.http[0]}${path}`, { headers: { accept } });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
    return text;
  }

  async #until<T>(otherwise: string, ask: () => Promise<T | undefined>): Promise<T> {
    const deadline = performance.now() + WAIT_MS;
    for (;;) {
      const answer = await ask();
      if (answer !== undefined) return answer;
      if (performance.now() > deadline) throw new Error(`after ${WAIT_MS / 1000} s ${otherwise}`);
      await setTimeout(ASK_AGAIN_MS);
    }
  }
}

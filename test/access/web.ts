import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ApiError, type Client, createClient } from '../../src/sdk/client.ts';
import { type BrowserSession, browserTransport, signInBrowser } from '../kit/browser-session.ts';
import { eventually } from '../kit/process.ts';
import { WebTerminal } from '../kit/web-terminal.ts';
import { addUser, enrol, PASSWORD } from './credentials.ts';
import type { LiveUse } from './live.ts';
import { ACTIONS, type Credential, type Entry, type WebChannel } from './model.ts';
import { type Outcome, type Scratch, source, touched, up } from './outcome.ts';
import type { Way } from './run.ts';
import { MARK } from './witness-files.ts';
import { LOGIN, type Place, type World } from './world.ts';

type Use = 'shell' | 'files';
/** A ticket, or why there is none. */
type Asked = string | Outcome;
/** The id of the files' session, or why there is none. */
type Files = string | Outcome;

/**
 * Somebody at a browser. With a kept ticket they asked for it while they were allowed everything, by a permission that
 * was theirs alone and is gone when it is used: a ticket is no right.
 */
export async function browserWay(world: World, entry: Entry, credential: Credential, name: string): Promise<Way> {
  await addUser(world, name, { password: PASSWORD });
  const code = credential === 'password and code' ? (await enrol(world, name))[0]! : undefined;
  const browser = await signInBrowser(world.bastion, name, PASSWORD, code);
  const client = createClient({ transport: browserTransport(world.bastion, browser) });
  const ask = async (place: Place, use: Use): Promise<Asked> => {
    const answer = await told(client.connections.open({ asset: place.name, account: LOGIN, use }));
    if (!('state' in answer)) return answer;
    if (answer.state !== 'ticket') throw new Error(`no ticket: ${JSON.stringify(answer)}`);
    return answer.ticket;
  };
  const kept = async (place: Place): Promise<Record<Use, Asked>> => {
    const permission = `${name}-${place.name}`;
    const { name: asset } = place;
    const accounts = [LOGIN];
    await world.api.permissions.add({
      name: permission,
      users: [name],
      assets: [asset],
      accounts,
      actions: [...ACTIONS],
    });
    const tickets = { shell: await ask(place, 'shell'), files: await ask(place, 'files') };
    await world.api.permissions.remove({ name: permission });
    if (typeof tickets.shell !== 'string' || typeof tickets.files !== 'string')
      throw new Error(`no ticket while everything is allowed: ${JSON.stringify(tickets)}`);
    return tickets;
  };
  return {
    async open(place) {
      const tickets = entry === 'kept ticket' ? await kept(place) : undefined;
      const ticket = async (use: Use) => tickets?.[use] ?? ask(place, use);
      let opened: Promise<Files> | undefined;
      const files = () => (opened ??= ticket('files').then((asked) => openFiles(client, asked)));
      return {
        user: name,
        drive: async ({ channel }, scratch) =>
          channel === 'shell'
            ? shell(world, browser, await ticket('shell'), scratch)
            : operation(client, await files(), channel as FileChannel, scratch),
        begin: async ({ channel }, scratch) =>
          channel === 'shell'
            ? liveShell(world, browser, await ticket('shell'))
            : liveFiles(client, await files(), channel as FileChannel, scratch),
        close() {
          void opened?.then((id) => (typeof id === 'string' ? told(client.files.close({ id })) : undefined));
        },
      };
    },
    close() {},
  };
}

/** What the API answers; a refusal as the outcome it is. */
async function told<T extends object>(answer: Promise<T>): Promise<T | Outcome> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError) return { effect: false, refusal: `${error.code}: ${error.message}` };
    throw error;
  }
}

async function openFiles(client: Client, ticket: Asked): Promise<Files> {
  if (typeof ticket !== 'string') return ticket;
  const opened = await told(client.files.open({ ticket }));
  return 'id' in opened ? opened.id : opened;
}

/** A terminal that is ready, or why it was not opened. */
async function terminal({ bastion }: World, browser: BrowserSession, ticket: string): Promise<WebTerminal | Outcome> {
  const hello = { type: 'hello', ticket, cols: 80, rows: 24, term: 'dumb' } as const;
  const opened = new WebTerminal(bastion, hello, { headers: browser.socket });
  const [answer] = await eventually('the terminal to be opened or refused', async () => {
    const answers = [...opened.all('ready'), ...opened.all('error')];
    return answers.length > 0 ? answers : undefined;
  });
  if (answer?.type === 'error') return { effect: false, refusal: `${answer.code}: ${answer.message}` };
  return opened;
}

async function shell(world: World, browser: BrowserSession, ticket: Asked, scratch: Scratch): Promise<Outcome> {
  if (typeof ticket !== 'string') return ticket;
  const opened = await terminal(world, browser, ticket);
  if (!(opened instanceof WebTerminal)) return opened;
  opened.type(`touch ${up(scratch)}; exit\r`);
  const { cause } = await opened.ended();
  return { effect: touched(scratch), seen: `${cause}: ${opened.shown.slice(-300)}` };
}

async function liveShell(world: World, browser: BrowserSession, ticket: Asked): Promise<LiveUse | Outcome> {
  if (typeof ticket !== 'string') return ticket;
  const opened = await terminal(world, browser, ticket);
  if (!(opened instanceof WebTerminal)) return opened;
  opened.type("echo re''ady\r");
  await opened.sees(/ready/);
  return { over: () => opened.ended() };
}

type FileChannel = Exclude<WebChannel, 'shell'>;
type Operation = (client: Client, id: string, scratch: Scratch) => Promise<boolean | Outcome>;

const written = (path: string) => existsSync(path) && readFileSync(path, 'latin1').includes('written');

/** What a page does with files, by the operation of the model it comes down to: whether it had its effect. */
const OPERATIONS: Readonly<Record<FileChannel, Operation>> = {
  'sftp stat': async (client, id, s) => (await client.files.show({ id, path: source(s) })).name === 'source',
  'sftp readdir': async (client, id, s) => {
    source(s);
    const { entries } = await client.files.list({ id, path: s.dir });
    return entries.some(({ name }) => name === 'source');
  },
  'sftp read': async (client, id, s) => {
    return (await text(client.files.download({ id, path: source(s) }))).includes(MARK);
  },
  'sftp write': async (client, id, s) => {
    await client.files.upload({ id, path: up(s), content: new Blob(['written']) });
    return written(up(s));
  },
  'sftp append': async (client, id, s) => {
    const path = source(s);
    await client.files.upload({ id, path, offset: MARK.length, content: new Blob(['written']) });
    return written(path);
  },
  'sftp mkdir': async (client, id, s) => {
    await client.files.makeFolder({ id, path: up(s) });
    return touched(s);
  },
  'sftp rename': async (client, id, s) => {
    const from = source(s);
    await client.files.rename({ id, from, to: up(s) });
    return touched(s) && !existsSync(from);
  },
  'sftp remove': async (client, id, s) => {
    const path = source(s);
    await client.files.remove({ id, path });
    return !existsSync(path);
  },
  'sftp rmdir': async (client, id, s) => {
    const path = join(s.dir, 'empty');
    mkdirSync(path);
    await client.files.remove({ id, path });
    return !existsSync(path);
  },
};

/** What must not have happened when it was refused. */
function traces(channel: FileChannel, s: Scratch): boolean {
  const gone = (name: string) => !existsSync(join(s.dir, name));
  switch (channel) {
    case 'sftp append':
      return written(join(s.dir, 'source'));
    case 'sftp rename':
      return touched(s) || gone('source');
    case 'sftp remove':
      return gone('source');
    case 'sftp rmdir':
      return gone('empty');
    default:
      return touched(s);
  }
}

async function operation(client: Client, files: Files, channel: FileChannel, scratch: Scratch): Promise<Outcome> {
  if (typeof files !== 'string') return files;
  const done = await told(OPERATIONS[channel](client, files, scratch).then((effect) => ({ effect }) as Outcome));
  return done.refusal === undefined ? done : { ...done, effect: traces(channel, scratch) };
}

/** The session ends, or says no from then on; then so must this operation. */
async function liveFiles(
  client: Client,
  files: Files,
  channel: FileChannel,
  scratch: Scratch,
): Promise<LiveUse | Outcome> {
  if (typeof files !== 'string') return files;
  const look = () => told(client.files.list({ id: files, path: scratch.dir }));
  const looked = await look();
  if (!('entries' in looked)) return looked;
  return {
    async over() {
      await eventually('the files to be refused', async () => !('entries' in (await look())) || undefined);
      const outcome = await operation(client, files, channel, scratch);
      if (outcome.effect || outcome.refusal === undefined)
        throw new Error(`${channel} still works: ${JSON.stringify(outcome)}`);
    },
  };
}

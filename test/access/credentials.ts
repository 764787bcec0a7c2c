import { TOTP } from 'otpauth';
import ssh2, { type Client, type ConnectConfig, type ParsedKey } from 'ssh2';
import type { Credential } from './model.ts';
import { GROUP, type World } from './world.ts';

/** What the forced command of a key prints. */
export const FORCED = 'the command of the key';
export const PASSWORD = 'five brown owls waiting';

/** Somebody with one kind of credential. */
export interface Person {
  /** Logs in as `NAME` followed by this, e.g. `@root@web1`; rejects when the login fails. */
  login(rest?: string): Promise<Visit>;
}
export interface Visit {
  /** Whose name stands in the rows. */
  readonly user: string;
  readonly client: Client;
}

type Config = Omit<ConnectConfig, 'username' | 'host' | 'port'>;
type Maker = (world: World, name: string) => Promise<Person>;

interface Pair {
  readonly privateKey: string;
  readonly line: string;
}
/** ssh2 drops a leading zero byte of a key now and then: such a key is none. */
const BLOB_BYTES = 51;
function pair(): Pair {
  for (;;) {
    const made = ssh2.utils.generateKeyPairSync('ed25519');
    if (Buffer.from(made.public.split(' ')[1]!, 'base64').length === BLOB_BYTES)
      return { privateKey: made.private, line: made.public.trim() };
  }
}

async function connect(world: World, user: string, rest: string, config: Config): Promise<Visit> {
  const client = new ssh2.Client();
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve);
    client.once('error', reject);
    const username = `${user}${rest}`;
    client.connect({ host: '127.0.0.1', port: world.bastion.sshPort, username, strictVendor: false, ...config });
  });
  client.on('error', () => {});
  return { user, client };
}

export const addUser = (world: World, name: string, more: { keys?: string[]; password?: string } = {}) =>
  world.api.users.add({ name, groups: [GROUP], ...more });

/** A key with these options before it, of which the world may know more. */
function key(options: (world: World) => string = () => ''): Maker {
  return async (world, name) => {
    const own = pair();
    const text = options(world);
    await addUser(world, name, { keys: [text === '' ? own.line : `${text} ${own.line}`] });
    return { login: (rest = '') => connect(world, name, rest, { privateKey: own.privateKey }) };
  };
}

/** Files of keys may outlive a world. */
let certificates = 0;

/** Logs in with a certificate; ssh2 asks the key object for its type, its public part and signatures. */
function certificate(args: readonly string[], { stranger = false } = {}): Maker {
  return async (world, name) => {
    const { keys } = world;
    const file = `certified-${++certificates}`;
    await keys.make(file, 'ed25519');
    const authority = stranger ? 'stranger' : 'authority';
    const blob = await keys.certify(file, authority, `${file}-as`, ['-n', name, ...args]);
    // a user with another key, so that nothing but the certificate lets them in
    await addUser(world, name, { keys: [pair().line] });
    const plain = ssh2.utils.parseKey(keys.text(file));
    if (plain instanceof Error) throw plain;
    const certified = Object.create(plain, {
      type: { value: 'ssh-ed25519-cert-v01@openssh.com', enumerable: true },
      getPublicSSH: { value: () => blob },
      sign: { value: (data: Buffer, algorithm?: string) => plain.sign(data, algorithm) },
    }) as ParsedKey;
    return {
      login: (rest = '') =>
        connect(world, name, rest, {
          authHandler: [
            { type: 'publickey', username: `${name}${rest}`, key: certified },
          ] as unknown as ConnectConfig['authHandler'] & object,
        }),
    };
  };
}

/** As many logins as asked for, each with a code of its own: a code counts once, and a key is remembered after the first. */
function withCode(first: 'key' | 'password'): Maker {
  return async (world, name) => {
    const free: ((rest: string) => Promise<Visit>)[] = [];
    let made = 0;
    const more = async () => {
      const user = `${name}-${++made}`;
      const pairs = Array.from({ length: first === 'key' ? 10 : 1 }, pair);
      await addUser(world, user, {
        keys: pairs.map(({ line }) => line),
        ...(first === 'key' ? {} : { password: PASSWORD }),
      });
      const codes = await enrol(world, user);
      codes.forEach((code, n) => {
        const own: Config = first === 'key' ? { privateKey: pairs[n]!.privateKey } : { password: PASSWORD };
        free.push((rest) => answering(world, user, rest, own, first, code));
      });
    };
    let making: Promise<void> = Promise.resolve();
    const login = async (rest = ''): Promise<Visit> => {
      making = making.then(() => (free.length > 0 ? undefined : more()));
      await making;
      return free.pop()?.(rest) ?? login(rest);
    };
    return { login };
  };
}

export async function enrol(world: World, user: string): Promise<string[]> {
  const { uri } = await world.api.totp.begin({ name: user });
  const code = new TOTP({ secret: new URL(uri).searchParams.get('secret')! }).generate();
  return (await world.api.totp.confirm({ name: user, code })).recoveryCodes;
}

function answering(
  world: World,
  user: string,
  rest: string,
  config: Config,
  first: 'key' | 'password',
  code: string,
): Promise<Visit> {
  const client = new ssh2.Client();
  client.on('keyboard-interactive', (_name, _instructions, _language, _prompts, answer) => answer([code]));
  const methods = first === 'key' ? ['publickey', 'keyboard-interactive'] : ['password', 'keyboard-interactive'];
  return new Promise((resolve, reject) => {
    client.once('ready', () => {
      client.on('error', () => {});
      resolve({ user, client });
    });
    client.once('error', reject);
    client.connect({
      host: '127.0.0.1',
      port: world.bastion.sshPort,
      username: `${user}${rest}`,
      strictVendor: false,
      tryKeyboard: true,
      authHandler: methods as unknown as ConnectConfig['authHandler'] & object,
      ...config,
    });
  });
}

/** A key whose code was given before: it is asked for none. */
const remembered: Maker = async (world, name) => {
  const own = pair();
  await addUser(world, name, { keys: [own.line] });
  const codes = await enrol(world, name);
  const first = await answering(world, name, '', { privateKey: own.privateKey }, 'key', codes[0]!);
  first.client.end();
  return { login: (rest = '') => connect(world, name, rest, { privateKey: own.privateKey }) };
};

const unanswered: Maker = async (world, name) => {
  const own = pair();
  await addUser(world, name, { keys: [own.line] });
  await enrol(world, name);
  return { login: (rest = '') => connect(world, name, rest, { privateKey: own.privateKey }) };
};

const somebodyElses: Maker = async (world, name) => {
  const [own, other] = [pair(), pair()];
  await addUser(world, name, { keys: [own.line] });
  await addUser(world, `${name}-other`, { keys: [other.line] });
  return { login: (rest = '') => connect(world, name, rest, { privateKey: other.privateKey }) };
};

const password: Maker = async (world, name) => {
  await addUser(world, name, { password: PASSWORD });
  return { login: (rest = '') => connect(world, name, rest, { password: PASSWORD }) };
};

const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');

/** One maker for each credential of the model. */
export const MAKERS: Readonly<Record<Credential, Maker>> = {
  'public key': key(),
  password,
  'key and code': withCode('key'),
  'password and code': withCode('password'),
  'remembered key': remembered,
  certificate: certificate(['-V', '-1m:+1h']),
  'key from here': key(() => 'from="127.0.0.0/8"'),
  'key not yet expired': key(() => `expiry-time="${day(2)}Z"`),
  'key no-pty': key(() => 'no-pty'),
  'key restrict': key(() => 'restrict'),
  'key no-port-forwarding': key(() => 'no-port-forwarding'),
  'key permitopen': key(({ witness }) => `permitopen="127.0.0.1:${witness.port}"`),
  'key command': key(() => `command="echo ${FORCED}; cat >/dev/null"`),
  'key internal-sftp': key(() => 'command="internal-sftp"'),
  'key internal-sftp -R': key(() => 'command="internal-sftp -R"'),
  'certificate without extensions': certificate(['-V', '-1m:+1h', '-O', 'clear']),
  'certificate with force-command': certificate([
    '-V',
    '-1m:+1h',
    '-O',
    `force-command=echo ${FORCED}; cat >/dev/null`,
  ]),
  'key from elsewhere': key(() => 'from="192.0.2.0/24"'),
  'expired key': key(() => `expiry-time="${day(-1)}Z"`),
  'certificate of a stranger': certificate(['-V', '-1m:+1h'], { stranger: true }),
  'certificate of yesterday': certificate(['-V', '-2d:-1d']),
  'key of somebody else': somebodyElses,
  'key without its code': unanswered,
};

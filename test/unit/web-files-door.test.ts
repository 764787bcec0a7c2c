import { expect, test } from 'vitest';
import type { Decision } from '../../src/access/access.ts';
import { type Factors, Identity } from '../../src/auth/identity.ts';
import { FileDoor } from '../../src/gateways/web/files/file-door.ts';
import type { ClientChannel } from '../../src/kernel/channel.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { SftpPackets } from '../../src/kernel/sftp/packets.ts';
import { packet, string, TYPE, uint32 } from '../../src/kernel/sftp/wire.ts';
import type { EndReason, LiveSession, OpenOptions } from '../../src/session/types.ts';
import type { Ticket, User } from '../../src/store/model.ts';
import { FakeClock } from '../kit/clock.ts';
import { grant } from './session-kit.ts';
import { tell } from './web-files-kit.ts';

const FACTORS: Factors = { password: true, publicKey: null, certificate: null, totp: 'none', token: false };
const person = (name: string, more: Partial<Factors>) =>
  Identity.bind(
    { id: name, name } as Partial<User> as User,
    { ...FACTORS, ...more },
    { ip: '::1', via: 'web' },
    null,
    0,
  );
const inBrowser = (name: string, browser: string) => person(name, { webSession: browser as Factors['webSession'] });
const withToken = (name: string, token: string) => person(name, { token: true, tokenId: token as Factors['tokenId'] });

interface Plan {
  readonly use?: Ticket['use'];
  readonly decision?: Decision;
  /** The target's first bytes; it speaks SFTP otherwise. */
  readonly says?: Buffer;
}

function house({ use = 'files', decision, says }: Plan = {}) {
  const ended = Promise.withResolvers<EndReason>();
  const opened: OpenOptions[] = [];
  const released: object[] = [];
  const session = {
    id: 'the-session',
    locked: false,
    grant: grant({}, 'files'),
    ended: ended.promise,
    end: async (reason: EndReason) => ended.resolve(reason),
  } as unknown as LiveSession;
  const door = new FileDoor({
    access: { authorize: async () => decision ?? { kind: 'allow', grant: session.grant } },
    registry: {
      open: async (_, client, options) => {
        opened.push(options);
        serve(client, says);
        return session;
      },
    },
    redeemTicket: async () => ({ assetId: 'web1', account: 'root', protocol: 'ssh', use }) as unknown as Ticket,
    releaseUpstream: (key) => released.push(key),
    clock: new FakeClock(),
  });
  const open = (who: Identity) => door.open(who, Secret.of('bti_x'), undefined);
  return { door, open, opened, released, session };
}

/** A target whose home is /home. */
function serve(client: ClientChannel, says: Buffer | undefined): void {
  const answer = (type: number, id: number) => {
    const home = string('/home');
    if (type === TYPE.init) client.write(says ?? tell.version());
    else client.write(packet(TYPE.name, id, uint32(1), home, home, uint32(0)));
  };
  const packets = new SftpPackets((type, id) => setImmediate(answer, type, id));
  const deaf = { drain() {}, eof() {}, resize() {}, signal() {}, closed() {} };
  client.attach({ ...deaf, data: (chunk) => packets.push(chunk) });
}

test('only its opener has it, in the same browser or with the same token', async () => {
  const alice = inBrowser('alice', 'laptop');
  const { door, open, opened } = house();
  const files = await open(alice);
  expect(files.place()).toMatchObject({ id: 'the-session', home: '/home' });
  expect(opened).toMatchObject([{ via: 'web', program: { kind: 'subsystem', name: 'sftp' } }]);
  expect(door.get('the-session', inBrowser('alice', 'laptop'))).toBe(files);
  const others = [inBrowser('alice', 'phone'), inBrowser('bob', 'laptop'), withToken('alice', 't1')];
  for (const who of others) expect(() => door.get('the-session', who)).toThrow('not open');
  const byToken = house();
  await byToken.open(withToken('alice', 't1'));
  expect(byToken.door.get('the-session', withToken('alice', 't1'))).toBeDefined();
  expect(() => byToken.door.get('the-session', withToken('alice', 't2'))).toThrow('not open');
});

test('a ticket for something else opens no files, and nothing is asked of a target', async () => {
  const { open, opened } = house({ use: 'shell' });
  await expect(open(inBrowser('alice', 'laptop'))).rejects.toMatchObject({ code: 'invalid' });
  expect(opened).toEqual([]);
});

test('what is denied is told in the words of the decision', async () => {
  const { open, opened } = house({
    decision: { kind: 'deny', code: 'no_permission', message: 'You may not use web1.', trace: [] },
  });
  await expect(open(inBrowser('alice', 'laptop'))).rejects.toMatchObject({ code: 'no_permission' });
  expect(opened).toEqual([]);
});

test('a target that speaks no SFTP leaves nothing open', async () => {
  const alice = inBrowser('alice', 'laptop');
  const { door, open, released, session } = house({ says: Buffer.from('Last login: Mon Mar  9 10:00\r\n') });
  await expect(open(alice)).rejects.toMatchObject({
    code: 'target_closed',
    message: expect.stringContaining('no SFTP'),
  });
  expect(await session.ended).toMatchObject({ cause: 'target-closed' });
  expect(() => door.get('the-session', alice)).toThrow('not open');
  expect(released.length).toBeGreaterThan(0);
});

test('when the session ends it is nobody’s any more', async () => {
  const alice = inBrowser('alice', 'laptop');
  const { door, open, session } = house();
  const files = await open(alice);
  await session.end({ cause: 'revoked' });
  await session.ended;
  expect(() => door.get('the-session', alice)).toThrow('not open');
  await expect(files.show('/x')).rejects.toMatchObject({ code: 'target_closed' });
});

import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { networkOf } from '../../src/auth/address-patterns.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { blobOf, draft, Keys, openRoom, PASSWORD, proofOf, type Room } from './auth-support.ts';

const keys = new Keys();
let room: Room;

beforeAll(async () => {
  await keys.make('key', 'ed25519');
}, 60_000);
afterAll(() => keys.remove());
afterEach(() => room?.close());

const login = (ip: string) => room.auth.beginLogin({ ip, via: 'ssh' });

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '::1'],
  ['nonsense', 'nonsense'],
])('the network of %s is %s', (ip, network) => {
  expect(networkOf(ip)).toBe(network);
});

it('guesses from many addresses of one IPv6 network count together: one machine owns them all', async () => {
  room = await openRoom({ lockout: { tries: 3, for: '30m' } });
  await room.user('alice', { password: PASSWORD });
  for (const host of ['a', 'b', 'c'])
    await login(`2001:db8:1:2::${host}`).password('alice', Secret.of('a wrong guess'));
  expect(await login('2001:db8:1:2::d').password('alice', Secret.of(PASSWORD))).toMatchObject({ kind: 'no' });
  expect((await room.audit('login'))[0]).toMatchObject({ reason: 'locked out', actor: { ip: '2001:db8:1:2::d' } });
  expect(await login('2001:db8:1:3::d').password('alice', Secret.of(PASSWORD))).toMatchObject({ kind: 'done' });
  expect(await room.store.lockouts.list(room.clock.now())).toMatchObject([{ ip: '2001:db8:1:2::/64' }]);
});

it('a success clears the count of its IPv6 network', async () => {
  room = await openRoom({ lockout: { tries: 3, for: '30m' } });
  await room.user('alice', { password: PASSWORD });
  await login('2001:db8:1:2::a').password('alice', Secret.of('a wrong guess'));
  expect(await login('2001:db8:1:2::b').password('alice', Secret.of(PASSWORD))).toMatchObject({ kind: 'done' });
  expect(await room.store.lockouts.list(room.clock.now())).toEqual([]);
});

it('who has the first factor cannot guess codes from ever new addresses', async () => {
  room = await openRoom({ lockout: { tries: 2, for: '30m' } });
  const alice = await room.user('alice');
  await room.addKey(alice, keys.publicLine('key'));
  const { code } = await room.enrol(alice);
  const guess = async (ip: string, text: string) => {
    const attempt = login(ip);
    const proof = proofOf(keys.text('key'), blobOf(keys.publicLine('key')), 'ssh-ed25519');
    expect(await attempt.publicKey('alice', proof)).toMatchObject({ kind: 'more' });
    await attempt.keyboardStart('alice');
    return attempt.keyboardAnswer([Secret.of(text)]);
  };
  // five times as many as from one address, each from an address of its own
  for (let host = 1; host <= 10; host++) await guess(`192.0.2.${host}`, `00000${host % 10}`);
  expect(await guess('198.51.100.1', code())).toMatchObject({ kind: 'no' });
  expect(await room.audit('user.lockout')).toMatchObject([{ details: { failures: 10, from: 'any address' } }]);
  // the lock ends by itself, and an administrator can end it before
  room.clock.at += 31 * 60_000;
  expect(await guess('198.51.100.1', code())).toMatchObject({ kind: 'done' });
});

it('codes mistyped now and then add up to no lock', async () => {
  room = await openRoom({ lockout: { tries: 2, for: '30m' } });
  const alice = await room.user('alice');
  await room.addKey(alice, keys.publicLine('key'));
  const { code } = await room.enrol(alice);
  for (let day = 0; day < 12; day++) {
    room.clock.at += 60_000;
    const attempt = login(`192.0.2.${day}`);
    await attempt.publicKey('alice', proofOf(keys.text('key'), blobOf(keys.publicLine('key')), 'ssh-ed25519'));
    await attempt.keyboardStart('alice');
    await attempt.keyboardAnswer([Secret.of('000000')]);
    await attempt.keyboardStart('alice');
    expect(await attempt.keyboardAnswer([Secret.of(code())])).toMatchObject({ kind: 'done' });
    await room.store.users.signOut(alice.id, draft('x'));
  }
});

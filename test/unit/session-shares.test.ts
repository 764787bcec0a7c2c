import { expect, test } from 'vitest';
import type { SessionId, UserId } from '../../src/kernel/id.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { MOST_SHARES, Shares } from '../../src/session/shares.ts';
import { FakeClock } from '../kit/clock.ts';

const SESSION = 's' as SessionId;
const [ALICE, BOB] = ['alice' as UserId, 'bob' as UserId];

function made(over: { users?: { id: UserId; name: string }[]; forMs?: number } = {}) {
  const clock = new FakeClock();
  const shares = new Shares(clock);
  const { users = [], forMs = 60_000 } = over;
  const wish = { session: SESSION, write: false, users, createdBy: 'carol', expiresAt: clock.now() + forMs };
  return { clock, shares, wish, ...shares.add(wish)! };
}

test('a token leads to its session, for whom it is meant, until it expires', () => {
  const { clock, shares, share, token } = made({ users: [{ id: ALICE, name: 'alice' }] });
  expect(token.exposeText()).toMatch(/^bsh_[\w-]{43}$/);
  expect(shares.find(token, ALICE)).toBe(share);
  expect(shares.find(token, BOB)).toBeUndefined();
  expect(shares.stands(share, BOB)).toBe(false);
  const gone: unknown[] = [];
  shares.onGone((one) => gone.push(one));
  clock.advance(60_000);
  expect(gone).toEqual([share]);
  expect(shares.find(token, ALICE)).toBeUndefined();
  expect(shares.stands(share, ALICE)).toBe(false);
});

test('what is no token, or one cut or turned, leads nowhere', () => {
  const { shares, token } = made();
  const text = token.exposeText();
  const wrong = [
    '',
    'bsh_',
    text.slice(0, -1),
    `${text}x`,
    text.toUpperCase(),
    text.replace('bsh_', 'bst_'),
    `${text} x`,
  ];
  for (const one of wrong) expect(shares.find(Secret.of(one), ALICE), one).toBeUndefined();
});

test('removed once, and all of a session at its end', () => {
  const { shares, share, wish, token } = made();
  shares.add(wish);
  expect(shares.remove(share.id)).toBe(true);
  expect(shares.remove(share.id)).toBe(false);
  expect(shares.find(token, ALICE)).toBeUndefined();
  shares.removeOf(SESSION);
  expect(shares.of(SESSION)).toEqual([]);
});

test('a session has a bound of links', () => {
  const { shares, wish } = made();
  for (let i = 1; i < MOST_SHARES; i++) expect(shares.add(wish)).toBeDefined();
  expect(shares.add(wish)).toBeUndefined();
  expect(shares.add({ ...wish, session: 'other' as SessionId })).toBeDefined();
});

import { expect, test } from 'vitest';
import { type Capability, may } from '../../src/access/roles.ts';

test('a role opens what it should in the API, and nothing more', () => {
  const capabilities: Capability[] = [
    'self',
    'sessions.read',
    'sessions.watch',
    'recordings.read',
    'audit.read',
    'sessions.control',
    'sessions.join',
    'manage',
  ];
  const of = (role: 'user' | 'auditor' | 'admin') => capabilities.filter((capability) => may(role, capability));
  expect(of('user')).toEqual(['self']);
  expect(of('auditor')).toEqual(['self', 'sessions.read', 'sessions.watch', 'recordings.read', 'audit.read']);
  expect(of('admin')).toEqual(capabilities);
});

import { expect, test } from 'vitest';
import { planOf } from '../../src/session/exec-transfers/plan.ts';
import { useOf } from '../../src/session/program-use.ts';

const useOfCommand = (command: string) => useOf({ kind: 'exec', command });

test('SFTP is use `files` whether it is the subsystem or a command', () => {
  expect(useOf({ kind: 'subsystem', name: 'sftp' })).toBe('files');
  expect(useOf({ kind: 'subsystem', name: 'netconf' })).toBe('exec');
  expect(useOf({ kind: 'shell' })).toBe('shell');
});

test.each([
  '/usr/lib/openssh/sftp-server',
  'sftp-server -R -u 022',
  'internal-sftp',
  'exec /usr/libexec/sftp-server',
  'nohup sftp-server',
  'sudo /usr/lib/openssh/sftp-server',
  'sudo -u www env LANG=C /usr/lib/openssh/sftp-server -e',
  "sh -c 'umask 002; exec /usr/lib/openssh/sftp-server'",
  'sudo su -c /usr/lib/sftp-server',
  'test -x /usr/lib/sftp-server && exec /usr/lib/sftp-server; exec /usr/lib/openssh/sftp-server',
  '"/usr/lib/openssh/sftp"-server',
  'true; sftp-server',
])('%s is an SFTP server', (command) => {
  expect(useOfCommand(command)).toBe('files');
  expect(planOf(command).needs).toEqual([]);
});

test.each(['ls -l /usr/lib/openssh/sftp-server', 'man sftp-server', 'sftp web2', 'echo "sftp-server"', 'make'])(
  '%s is none',
  (command) => {
    expect(useOfCommand(command)).toBe('exec');
    expect(planOf(command).needs).toEqual([]);
  },
);

test.each([
  'bash; sftp-server',
  'sftp-server; sh',
  'sh -s & exec /usr/lib/openssh/sftp-server',
  // another program may speak SFTP, and do what it likes meanwhile
  '/tmp/x/sftp-server',
  '~/sftp-server',
  '/usr/../tmp/sftp-server',
  '/usr/lib/*/sftp-serve?',
  'cd /tmp && exec ./sftp-server',
  'PATH=/tmp/x sftp-server',
  'env PATH=/tmp/x sftp-server',
  '/tmp/x; sftp-server',
  'sftp-server() { /tmp/x; }; sftp-server',
])('%s mixes SFTP with what is none: it needs all rights', (command) => {
  expect(useOfCommand(command)).toBe('exec');
  expect(planOf(command).needs).toEqual(['upload', 'download', 'delete']);
});

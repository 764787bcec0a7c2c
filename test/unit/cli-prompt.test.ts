import { expect, test } from 'vitest';
import { fakeDaemon, onTerminalThenStty } from './cli-terminal-kit.ts';

const ROUTES = { 'POST /invites/accept': { name: 'carol' } };

test('a new password is asked for twice, hidden, and edited as on any terminal', async () => {
  const daemon = await fakeDaemon(ROUTES);
  const run = onTerminalThenStty(daemon.data, ['user', 'accept-invite', 'tok']);
  await run.shows(/^Password: $|^Password:$/m);
  run.type('first\u007fT\r');
  await run.shows(/^Password again:/m);
  run.type('other\r');
  await run.shows(/They differ/);
  await run.shows(/differ.*\nPassword:/);
  // a wide character goes as a whole; ctrl-u takes the line; arrows count for nothing
  run.type('rubbish\u0015pä界\u007f\u001b[Dss\r');
  await run.shows(/Password again:[^\n]*\n[^\n]*They differ[\s\S]*Password again:/);
  run.type('päss\r');
  await run.shows(/^carol can log in now, with the password\.\nexit=0\nicanon\necho$/m);
  expect(daemon.bodies).toEqual([{ token: 'tok', password: 'päss', keys: [] }]);
  expect(run.raw).not.toMatch(/first|other|rubbish|pä/);
});

test('what was typed ahead is kept for the next question', async () => {
  const daemon = await fakeDaemon(ROUTES);
  const run = onTerminalThenStty(daemon.data, ['user', 'accept-invite', 'tok']);
  await run.shows(/^Password:/m);
  run.type('s3cret words\rs3cret words\r');
  await run.shows(/^exit=0$/m);
  expect(daemon.bodies).toMatchObject([{ password: 's3cret words' }]);
});

test('Ctrl-C at a prompt exits 130 with the terminal as it was', async () => {
  const daemon = await fakeDaemon(ROUTES);
  const run = onTerminalThenStty(daemon.data, ['user', 'accept-invite', 'tok']);
  await run.shows(/^Password:/m);
  run.type('half\u0003');
  await run.shows(/^exit=130\nicanon\necho$/m);
  expect(daemon.bodies).toEqual([]);
  expect(run.raw).not.toContain('half');
});

test('TOTP: the QR code, three tries for the first code, then the recovery codes', async () => {
  const uri = 'otpauth://totp/bastion:tom?secret=JBSWY3DPEHPK3PXP&issuer=bastion';
  const daemon = await fakeDaemon({
    'POST /users/tom/totp': { uri },
    'POST /users/tom/totp/confirm': (body: { code: string }) =>
      body.code === '123456' ? { recoveryCodes: ['aaaa-bbbb', 'cccc-dddd'] } : new Error('This code is not right.'),
  });
  const run = onTerminalThenStty(daemon.data, ['user', 'totp', 'enable', 'tom'], { cols: 120, rows: 60 });
  await run.shows(/█▀▀▀▀▀█/);
  await run.shows(/^First code of the app:/m);
  expect(run.screen()).toContain(uri);
  run.type('000000\r');
  await run.shows(/This code is not right\.\nFirst code/);
  run.type('123 456\r');
  await run.shows(/TOTP is on for tom\.[\s\S]*aaaa-bbbb\n {2}cccc-dddd\nexit=0/);
});

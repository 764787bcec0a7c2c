import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { Client } from 'ssh2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bastion, startBastion } from '../kit/bastion.ts';
import { eventually } from '../kit/process.ts';

const PASSWORD = 'three blind mice run';
let bastion: Bastion;

beforeAll(async () => {
  bastion = await startBastion();
});
afterAll(() => bastion?.[Symbol.asyncDispose]());

/** Logs in over a socket that stays open whatever the server says. */
async function stubbornClient(username: string): Promise<{ client: Client; port: number }> {
  const socket = connect({ port: bastion.sshPort, host: '127.0.0.1', allowHalfOpen: true });
  const client = new Client();
  client.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve).once('error', reject);
    client.connect({ sock: socket, username, password: PASSWORD });
  });
  socket.end = () => socket;
  socket.destroy = () => socket;
  return { client, port: (socket.address() as AddressInfo).port };
}

/** Whether the daemon holds the socket whose other end is this port of ours. */
function held(port: number): boolean {
  const hex = (n: number) => `:${n.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((row) => row.trim().split(/\s+/));
  const inode = rows.find(
    ([, local, remote]) => local?.endsWith(hex(bastion.sshPort)) && remote?.endsWith(hex(port)),
  )?.[9];
  const open = (fd: string) => {
    try {
      return readlinkSync(`/proc/${bastion.pid}/fd/${fd}`);
    } catch {
      return '';
    }
  };
  return inode !== undefined && readdirSync(`/proc/${bastion.pid}/fd`).some((fd) => open(fd) === `socket:[${inode}]`);
}

test('a client whose access ended does not keep its connection by not closing it', async () => {
  await bastion.ok(['user', 'add', 'mallory', '--password-stdin'], { stdin: PASSWORD });
  const { port } = await stubbornClient('mallory');
  expect(held(port)).toBe(true);
  await bastion.ok(['user', 'disable', 'mallory']);
  await eventually('the connection to be closed', () => !held(port), 5000);
});

test('nor does one that says goodbye and stays', async () => {
  await bastion.ok(['user', 'add', 'trudy', '--password-stdin'], { stdin: PASSWORD });
  const { client, port } = await stubbornClient('trudy');
  // the message that ends the connection goes out, the socket stays
  client.end();
  await eventually('the connection to be closed', () => !held(port), 5000);
});

import { describe, expect, it } from 'vitest';
import { TicketPass, ticketDestination } from '../../src/gateways/ssh/ticket-pass.ts';
import type { Ticket, Use } from '../../src/store/model.ts';

const made = (use: Use) => ({ assetId: 'asset-1', account: 'root', protocol: 'ssh', use }) as Partial<Ticket> as Ticket;
const SHELL = { kind: 'shell' } as const;
const EXEC = { kind: 'exec', command: 'id' } as const;
const SFTP = { kind: 'subsystem', name: 'sftp' } as const;
const SERVER = { kind: 'exec', command: '/usr/lib/openssh/sftp-server' } as const;
const NETCONF = { kind: 'subsystem', name: 'netconf' } as const;

describe('the pass of a ticket', () => {
  it('is for one channel', () => {
    const pass = new TicketPass(made('shell'));
    expect([pass.take(), pass.take(), pass.take()]).toEqual([true, false, false]);
  });

  it('is for its use: commands are what one could type in a shell, files are not', () => {
    const allowed = (use: Use) =>
      [SHELL, EXEC, NETCONF, SFTP, SERVER].map((program) => new TicketPass(made(use)).allows(program));
    expect(allowed('shell')).toEqual([true, true, true, false, false]);
    expect(allowed('files')).toEqual([false, false, false, true, true]);
    expect(allowed('desktop')).toEqual([false, false, false, false, false]);
  });

  it('is for its asset, whatever else the user name says', () => {
    const pass = new TicketPass(made('shell'));
    expect(pass.isFor({ id: 'asset-1' as never })).toBe(true);
    expect(pass.isFor({ id: 'asset-2' as never })).toBe(false);
    const written = { login: 'ticket', asset: 'web9', account: 'bob', protocol: 'telnet', problem: 'odd' } as const;
    expect(ticketDestination(written, made('shell'))).toEqual({
      login: 'ticket',
      asset: 'asset-1',
      account: 'root',
      protocol: 'ssh',
      problem: undefined,
    });
  });
});

import type { ReachableDetail } from '../../access/access.ts';
import { fingerprintOf } from '../../auth/public-key.ts';
import { bracketed } from '../../kernel/ip.ts';
import { shellWord } from '../../kernel/shell-word.ts';
import type { OwnClientView } from '../contract/me.ts';
import { hostOrPlaceholder, isPlainHost, sshConfigOf } from './ssh-config-text.ts';

export interface ClientLinesInput {
  readonly user: string;
  readonly host: string | null;
  readonly port: number;
  /** `type base64` each. */
  readonly hostKeys: readonly string[];
  readonly authority: string;
  readonly reachable: ReachableDetail;
  /** Default: the one named like the user, else the first. */
  readonly account: string | undefined;
}

/**
 * What to type to reach one asset with OpenSSH's own clients, in the direct form `user@account@asset@host`. Only what
 * speaks SSH has files and a place in ~/.ssh/config.
 */
export function clientLines(input: ClientLinesInput): OwnClientView {
  const { user, port, hostKeys, authority, reachable } = input;
  const { asset, protocols } = reachable;
  const host = hostOrPlaceholder(input.host);
  const protocol = protocols.find(({ name }) => name === 'ssh') ?? protocols[0]!;
  const names = protocol.accounts.map(({ name }) => name);
  const account = input.account ?? names.find((name) => name === user) ?? names[0]!;
  const hasFiles = protocol.name === 'ssh';
  const parts = [
    user,
    ...(hasFiles ? [] : [protocol.name]),
    encoded(account),
    isPlainHost(asset.name) ? asset.name : asset.id,
  ];
  const login = `${parts.join('@')}@`;
  const at = login + host;
  const copyAt = login + bracketed(host);
  const accounts = [{ name: account, login: account }];
  const config = sshConfigOf({
    user,
    host: input.host,
    port,
    hostKeys,
    authority,
    entries: hasFiles ? [{ asset, accounts }] : [],
  });
  const p = port === 22 ? [] : ['-p', String(port)];
  const P = port === 22 ? [] : ['-P', String(port)];
  return {
    host,
    port,
    ssh: line('ssh', ...p, at),
    sftp: hasFiles ? line('sftp', ...P, copyAt) : '',
    scpUpload: hasFiles ? line('scp', ...P, 'FILE', `${copyAt}:PATH`) : '',
    scpDownload: hasFiles ? line('scp', ...P, `${copyAt}:PATH`, '.') : '',
    config: hasFiles ? config.config : '',
    knownHosts: config.knownHosts,
    hostKeys: hostKeys.map((key) => {
      const [type = '', blob = ''] = key.split(' ');
      return { type, fingerprint: fingerprintOf(Buffer.from(blob, 'base64')) };
    }),
  };
}

/** As the direct forms read it: everything that separates there, or means something to a client or a shell, as `%XX`. */
function encoded(account: string): string {
  if (account === '@input') return account;
  return encodeURIComponent(account).replace(/[!'()*~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

const line = (...words: readonly string[]) => words.map(shellWord).join(' ');

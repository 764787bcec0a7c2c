import type { ReachableEntry } from '../../access/access.ts';
import { isLoopback } from '../../kernel/ip.ts';
import { printable } from '../../kernel/printable.ts';
import type { SshConfigView } from '../contract/ssh-config.ts';

/** What the texts say where nobody has said how the bastion is reached from outside. */
const PLACEHOLDER = 'BASTION-HOST-NAME';
/** Letters of every script are fine for OpenSSH; anything else means something in a pattern, a shell or a list. */
const PLAIN_HOST = /^[\p{L}\p{N}_][\p{L}\p{N}._-]*$/u;
const NAMES_PER_LINE = 20;

export const hostOrPlaceholder = (host: string | null): string => host ?? PLACEHOLDER;
/** Whether a name can stand for a host as it is. */
export const isPlainHost = (name: string): boolean => PLAIN_HOST.test(name);

export interface SshConfigInput {
  readonly user: string;
  readonly host: string | null;
  readonly port: number;
  readonly hostKeys: readonly string[];
  /** The public line of the host authority. */
  readonly authority: string;
  readonly entries: readonly ReachableEntry[];
}

type Block = SshConfigView['assets'][number];

/** The texts for ~/.ssh/config and ~/.ssh/known_hosts. Each may be saved as it is: what is for people is a comment. */
export function sshConfigOf(input: SshConfigInput): SshConfigView {
  const { user, host, port } = input;
  const names = new Set(input.entries.map(({ asset }) => asset.name.toLowerCase()));
  const alias = ['bastion', 'bastion-jump'].find((name) => !names.has(name)) ?? 'bastion-ssh-jump';
  const taken = new Set([alias]);
  const blocks = input.entries.map((entry) => blockOf(entry, user, taken));
  const knownHosts = knownHostsText(input, blocks);
  const config = configText(input, alias, blocks, knownHosts);
  return { user, bastion: { alias, host, port }, assets: blocks, config, knownHosts };
}

function blockOf({ asset, accounts }: ReachableEntry, user: string, taken: Set<string>): Block {
  const plain = PLAIN_HOST.test(asset.name);
  const wanted = plain ? asset.name : asset.name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[-.]+/, '') || 'asset';
  let alias = wanted;
  for (let n = 2; taken.has(alias.toLowerCase()); n++) alias = `${wanted}-${n}`;
  taken.add(alias.toLowerCase());
  const names = accounts.map(({ name }) => name);
  const preferred = names.find((name) => name === user) ?? names[0];
  return {
    name: asset.name,
    folder: asset.folder,
    address: asset.address,
    alias,
    hostName: plain ? asset.name : asset.id,
    account: preferred !== undefined && quotable(preferred) ? preferred : null,
    accounts: names,
  };
}

/** OpenSSH reads a `%` and a `${` in User one way or the other, by its version. */
function quotable(account: string): boolean {
  return !/%|\$\{/.test(account) && printable(account) === account;
}

function configText(input: SshConfigInput, alias: string, blocks: readonly Block[], knownHosts: string): string {
  const { user, host, port } = input;
  const lines = [
    `# What ${printable(user)} reaches through the bastion: for ~/.ssh/config.`,
    '',
    `Host ${alias}`,
    ...(host === null ? [`  # write the host name of the bastion here, or ask for this with --host NAME`] : []),
    `  HostName ${host ?? PLACEHOLDER}`,
    `  Port ${port}`,
    `  User ${word(user)}`,
  ];
  let folder: string | undefined;
  for (const block of blocks.toSorted((a, b) => (a.folder === b.folder ? 0 : a.folder < b.folder ? -1 : 1))) {
    if (block.folder !== folder) lines.push('', `# ${printable(block.folder)}`);
    folder = block.folder;
    lines.push('', ...blockText(block, alias));
  }
  if (blocks.length === 0) lines.push('', `# ${printable(user)} reaches no asset over SSH yet.`);
  const known = knownHosts.trimEnd().split('\n');
  lines.push('', '# For ~/.ssh/known_hosts, without the # in front:', ...known.map((line) => `#${line}`));
  return `${lines.join('\n')}\n`;
}

function blockText(block: Block, bastion: string): string[] {
  const { alias, name, hostName, account, accounts } = block;
  const lines: string[] = [];
  if (alias !== name) lines.push(`# ${printable(name)}`);
  if (accounts.length > 1) lines.push(`# accounts: ${accounts.map((each) => printable(each)).join(', ')}`);
  if (account === null) lines.push('# say the account: ssh -l ACCOUNT, with % as %25');
  if (account === '@input') lines.push('# login and password are asked for, on a terminal');
  lines.push(`Host ${alias}`, `  HostName ${hostName}`, `  ProxyJump ${bastion}`);
  if (account !== null) lines.push(`  User ${word(account)}`);
  return lines;
}

/** A value of ssh_config: in quotes where it holds more than plain characters. */
function word(text: string): string {
  return /^[\w.@+-]+$/.test(text) ? text : `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

function knownHostsText({ host, port, hostKeys, authority }: SshConfigInput, blocks: readonly Block[]): string {
  const lines: string[] = [];
  const where = port === 22 ? (host ?? PLACEHOLDER) : `[${host ?? PLACEHOLDER}]:${port}`;
  if (host === null) lines.push(`# put the host name of the bastion in the place of ${PLACEHOLDER}`);
  for (const key of hostKeys) lines.push(`${where} ${key}`);
  // what stands for this machine must not be believed to be an asset
  const addresses = blocks.map(({ address }) => address).filter((address) => !isLoopback(address) && safe(address));
  const patterns = [
    ...new Set([...blocks.map(({ hostName }) => hostName), ...addresses].map((one) => one.toLowerCase())),
  ];
  for (let at = 0; at < patterns.length; at += NAMES_PER_LINE)
    lines.push(`@cert-authority ${patterns.slice(at, at + NAMES_PER_LINE).join(',')} ${authority}`);
  return `${lines.join('\n')}\n`;
}

function safe(address: string): boolean {
  return /^[\p{L}\p{N}_][\p{L}\p{N}._:%-]*$/u.test(address) || /^::[\da-f:.]+$/i.test(address);
}

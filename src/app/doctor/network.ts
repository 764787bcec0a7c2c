import { lookup } from 'node:dns/promises';
import { createServer, isIP } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { Config, ListenAddress } from '../../config/schema.ts';
import { bracketed } from '../../kernel/ip.ts';
import { errorCode, type Finding, fail, ok, some, warn } from './finding.ts';

const MAX_NAMES = 50;
const DNS_MS = 3000;
/** As many as Node looks up side by side; what is under way when time is up holds up the end of the process. */
const AT_ONCE = 4;

interface Listener {
  readonly kind: 'ssh' | 'http';
  readonly address: ListenAddress;
}

function configured(config: Config): Listener[] {
  return (['ssh', 'http'] as const).flatMap((kind) => config[kind].listen.map((address) => ({ kind, address })));
}

/** Whether the running daemon listens where the configuration says now. Hosts are not compared: names have many forms. */
export function checkHeldListeners(config: Config, held: readonly { kind: string; address: string }[]): Finding[] {
  const portOf = (address: string) => Number(/:(\d+)$/.exec(address)?.[1]);
  const missing = configured(config).filter(
    ({ kind, address }) =>
      address.port !== 0 && !held.some((one) => one.kind === kind && portOf(one.address) === address.port),
  );
  const where = held.map(({ kind, address }) => `${kind} ${address}`).join(', ');
  if (missing.length === 0) return [ok('listeners', `The daemon listens on ${where}.`)];
  const wanted = missing.map(({ kind, address }) => `${kind} ${text(address)}`).join(', ');
  return [
    warn(
      'listeners',
      `The configuration says ${wanted}, and the daemon listens on ${where}.`,
      'Restart it to have the configuration hold, or name the one it runs with by --config.',
    ),
  ];
}

/** Whether a daemon could listen on each configured address. */
export async function checkFreeListeners(config: Config): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const listener of configured(config)) {
    const problem = await tryListen(listener.address).catch((error) => describe(listener, errorCode(error)));
    if (problem) found.push(problem);
  }
  if (found.length > 0) return found;
  const where = configured(config).map(({ kind, address }) => `${kind} ${text(address)}`);
  return [ok('listeners', `Free for the daemon: ${where.join(', ')}.`)];
}

function tryListen({ host, port }: ListenAddress): Promise<undefined> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}

function describe({ kind, address }: Listener, code: string): Finding {
  const at = text(address);
  const elsewhere = `choose another address in ${kind}.listen`;
  if (code === 'EADDRINUSE') {
    const find = `ss -ltnp 'sport = :${address.port}' names it`;
    return fail('listeners', `${at} is in use by another program.`, `Stop that one (${find}), or ${elsewhere}.`);
  }
  if (code === 'EACCES') {
    return warn(
      'listeners',
      `Port ${address.port} needs a privilege that this user does not have.`,
      `Run it as the service that bastion install makes, which has it, or ${elsewhere}.`,
    );
  }
  const why = code === 'EADDRNOTAVAIL' ? 'this machine has no such address' : code;
  return fail('listeners', `Nobody can listen on ${at}: ${why}.`, `Correct or ${elsewhere}.`);
}

const text = ({ host, port }: ListenAddress) => `${bracketed(host ?? '*')}:${port}`;

/** Whether the names of assets, and the name people reach the bastion by, lead to an address. */
export async function checkNames(addresses: readonly string[], publicUrl: string | null): Promise<Finding[]> {
  const own = publicUrl === null ? undefined : new URL(publicUrl).hostname.replace(/^\[|\]$/g, '');
  const names = [...new Set([...(own === undefined ? [] : [own]), ...addresses])].filter((name) => isIP(name) === 0);
  const looked = await lookUp(names.slice(0, MAX_NAMES));
  const found: Finding[] = [];
  if (own !== undefined && looked.failed.has(own)) {
    const todo = 'Add it to your DNS, or correct http.public_url.';
    found.push(warn('names', `${own}, by which people reach the bastion, has no address here.`, todo));
  }
  const lost = addresses.filter((name) => looked.failed.has(name));
  if (lost.length > 0) {
    const how = lost.length === 1 ? 'has' : 'have';
    const todo = 'Correct them (bastion asset set NAME --address HOST), or the DNS of this machine (/etc/resolv.conf).';
    found.push(warn('names', `${some(lost)} ${how} no address: nobody gets to these assets.`, todo));
  }
  if (looked.unanswered > 0) {
    const all = `No name server answered for ${looked.unanswered} of ${looked.asked} names within ${DNS_MS / 1000} s.`;
    found.push(warn('names', all, 'See whether the name servers in /etc/resolv.conf can be reached from here.'));
  }
  if (found.length > 0) return found;
  if (names.length === 0) return [ok('names', 'No asset is reached by a name.')];
  const which =
    names.length > MAX_NAMES
      ? `The first ${MAX_NAMES} of ${names.length} names lead`
      : `All ${names.length} names lead`;
  return [ok('names', names.length === 1 ? `${names[0]} leads to an address.` : `${which} to addresses.`)];
}

async function lookUp(names: readonly string[]) {
  // a dead server would be waited for by half a minute a name; read by the resolver at its first use
  process.env.RES_OPTIONS ??= 'timeout:1 attempts:2';
  const waiting = [...names];
  const failed = new Set<string>();
  let answered = 0;
  let late = false;
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined && !late; name = waiting.shift()) {
      const code = await lookup(name).then(() => undefined, errorCode);
      if (code === 'EAI_AGAIN' || late) continue;
      answered++;
      if (code !== undefined) failed.add(name);
    }
  };
  const time = new AbortController();
  const all = Promise.all(Array.from({ length: AT_ONCE }, work)).finally(() => time.abort());
  await Promise.race([all, setTimeout(DNS_MS, undefined, { signal: time.signal }).catch(() => undefined)]);
  late = true;
  return { failed, asked: names.length, unanswered: names.length - answered };
}

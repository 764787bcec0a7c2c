import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../config/load.ts';
import { configExample } from '../../config/reference.ts';
import type { Config } from '../../config/schema.ts';
import { completionScript, type Shell } from '../completion/scripts.ts';
import type { CliIo } from '../io.ts';
import { manualPage } from '../manual.ts';
import type { Outline } from '../outline.ts';
import type { Wanted } from './files.ts';
import {
  CONFIG_FILE,
  CREDENTIAL,
  type CredentialKind,
  ENCRYPTED_CREDENTIAL,
  STATE_DIR,
  serviceUnit,
  sysusers,
} from './unit.ts';

export interface PlanOptions {
  /** Where it is put together; paths inside the files do not name it. */
  readonly root: string;
  readonly prefix: string;
  readonly user: string;
  /** The executable; undefined where this is not it, and then there is nothing a service could start. */
  readonly executable: string | undefined;
}

const LOWEST_FREE_PORT = 1024;

/** Every file of an installation, in the order in which they are put down. */
export function plan(root: Outline, io: CliIo, options: PlanOptions): Wanted[] {
  const { prefix, user, executable } = options;
  const program = join(prefix, 'bin/bastion');
  // what a package brings lies below /usr/lib, what an administrator puts there below /etc
  const system = prefix === '/usr' ? '/usr/lib' : '/etc';
  const share = join(prefix, 'share');
  const text = (path: string, content: string): Wanted => ({ path, content: Buffer.from(content), mode: 0o644 });
  const completion = (shell: Shell, path: string) => text(join(share, path), completionScript(shell, root));
  const service = () => {
    const config = configuration(options.root);
    return [
      { path: program, content: readFileSync(executable!), mode: 0o755 },
      text(
        join(system, 'systemd/system/bastion.service'),
        serviceUnit({
          program,
          user,
          lowPorts: [...config.ssh.listen, ...config.http.listen].some(
            ({ port }) => port > 0 && port < LOWEST_FREE_PORT,
          ),
          credential: credentialIn(options.root),
          shutdownGraceMs: config.session.shutdown_grace,
        }),
      ),
      text(sysusersFile(prefix), sysusers(user)),
    ];
  };
  return [
    ...(executable === undefined ? [] : service()),
    { ...text(CONFIG_FILE, serviceConfig()), theirs: true },
    text(join(share, 'man/man1/bastion.1'), manualPage(root, io)),
    completion('bash', 'bash-completion/completions/bastion'),
    completion('zsh', 'zsh/site-functions/_bastion'),
    completion('fish', 'fish/vendor_completions.d/bastion.fish'),
  ];
}

export function sysusersFile(prefix: string): string {
  return join(prefix === '/usr' ? '/usr/lib' : '/etc', 'sysusers.d/bastion.conf');
}

/** The example with the one key that a service must have otherwise. */
function serviceConfig(): string {
  return configExample().replace(/^data: .*$/m, `data: ${STATE_DIR}`);
}

function credentialIn(root: string): CredentialKind {
  if (existsSync(join(root, ENCRYPTED_CREDENTIAL))) return 'encrypted';
  return existsSync(join(root, CREDENTIAL)) ? 'plain' : 'none';
}

/** The configuration that is there already, or the defaults. */
function configuration(root: string): Config {
  const file = join(root, CONFIG_FILE);
  return loadConfig(existsSync(file) ? { file, env: {} } : { file: '/dev/null', env: {} }).config;
}

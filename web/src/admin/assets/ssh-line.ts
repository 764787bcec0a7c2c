import { ApiError, api } from '../../kit/api.ts';

export interface SshLine {
  readonly line: string;
  /** Whether who asks may connect; otherwise the line has NAME where others put their own. */
  readonly own: boolean;
}

/** What is typed to reach an asset through the bastion. */
export async function sshLineTo(asset: string): Promise<SshLine> {
  try {
    return { line: (await api.me.clientLines({ asset, host: location.hostname })).ssh, own: true };
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'not_found') throw error;
  }
  const { listeners } = await api.system.status();
  const port = listeners.find(({ kind }) => kind === 'ssh')?.address.match(/:(\d+)$/)?.[1] ?? '22';
  return { line: lineFor(asset, location.hostname, Number(port)), own: false };
}

/** Names of assets may mean something to a shell. */
export function lineFor(asset: string, host: string, port: number): string {
  const login = `NAME@${asset}@${host}`;
  const quoted = /^[\w.@:-]+$/.test(login) ? login : `'${login.replaceAll("'", "'\\''")}'`;
  return port === 22 ? `ssh ${quoted}` : `ssh -p ${port} ${quoted}`;
}

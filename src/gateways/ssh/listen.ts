import { BlockList, isIP, type Server } from 'node:net';
import type { ListenAddress } from '../../config/schema.ts';
import { AppError } from '../../kernel/errors.ts';
import { bracketed } from '../../kernel/ip.ts';

/** Single addresses and CIDR blocks of the configuration; AppError `config` names the one that is neither. */
export function addressList(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    try {
      list.addSubnet(address, prefix === undefined ? (family === 'ipv6' ? 128 : 32) : Number(prefix), family);
    } catch (error) {
      throw new AppError('config', `ssh.proxy_protocol: "${entry}" is not an address or a block such as 10.0.0.0/8.`, {
        cause: error,
      });
    }
  }
  return list;
}

/** Resolves when the server listens; AppError `busy` says why it cannot. */
export function listenOn(server: Server, address: ListenAddress): Promise<void> {
  const where = { port: address.port, ...(address.host === undefined ? {} : { host: address.host }) };
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const name = `${bracketed(address.host ?? '')}:${address.port}`;
      const why = error.code === 'EADDRINUSE' ? 'another program listens there' : (error.code ?? error.message);
      reject(
        new AppError('busy', `SSH cannot listen on ${name}: ${why}. Set ssh.listen to a free address.`, {
          cause: error,
        }),
      );
    });
    server.listen(where, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

import { z } from 'zod';
import { line } from './common.ts';
import { route } from './route.ts';

export const host = line(255)
  .min(1)
  .regex(/^[^\s,*?!@#/'"[\]]+$/u, 'must be a host name or an address');

const reachable = z.object({
  name: z.string(),
  folder: z.string(),
  address: z.string(),
  /** What to type after `ssh`. */
  alias: z.string(),
  /** What the client asks the bastion for. */
  hostName: z.string(),
  /** The account the alias enters, null when it has to be said each time. */
  account: z.string().nullable(),
  /** All that are usable; `@input` means that login and secret are typed. */
  accounts: z.array(z.string()),
});

export const sshConfig = {
  show: route({
    method: 'GET',
    path: '/users/:name/ssh-config',
    needs: 'self',
    summary: "OpenSSH configuration for what a user may reach; one's own, or with the right to manage anybody's",
    query: z.object({
      /** How people reach the bastion, where its configuration does not say so. */
      host: host.optional(),
      port: z.coerce.number().int().min(1).max(65535).optional(),
      /** Only these assets, with commas between their names. */
      assets: line(4096).optional(),
    }),
    response: z.object({
      user: z.string(),
      bastion: z.object({ alias: z.string(), host: z.string().nullable(), port: z.number() }),
      assets: z.array(reachable),
      /** For ~/.ssh/config. */
      config: z.string(),
      /** For ~/.ssh/known_hosts. */
      knownHosts: z.string(),
    }),
  }),
};
export type SshConfigView = z.output<typeof sshConfig.show.response>;

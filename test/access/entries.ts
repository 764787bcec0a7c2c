import { once } from 'node:events';
import ssh2, { type Client, type ClientChannel, type ConnectConfig } from 'ssh2';
import type { Person, Visit } from './credentials.ts';
import type { Entry } from './model.ts';
import { type Outcome, startSftp } from './outcome.ts';
import type { Sftp } from './sftp-client.ts';
import { LOGIN, type Place } from './world.ts';

/** A way to one asset: what the channels of the model are opened on. */
export interface Door {
  /** Whose name stands in the rows. */
  readonly user: string;
  readonly client: Client;
  readonly place: Place;
  /** A path of the target as this door writes it. */
  at(path: string): string;
  /** The door's one SFTP channel, opened at first use. */
  sftp(): Promise<Sftp | Outcome>;
  other(whose: 'theirs' | 'not theirs'): Place;
  close(): void;
}

export interface Doors {
  /** Rejects when the person does not get in. */
  open(place: Place): Promise<Door>;
  close(): void;
}

type Others = Door['other'];

export type SshEntry = Exclude<Entry, 'web ticket' | 'kept ticket'>;

/** How an entry makes its doors for a person. Those that name the asset later share one login. */
export function doorsOf(entry: SshEntry, person: Person, other: Others): Doors {
  let shared: Promise<Visit> | undefined;
  const outer = () => (shared ??= person.login());
  const door = (visit: Visit, client: Client, place: Place, at = (path: string) => path): Door => {
    let sftp: Promise<Sftp | Outcome> | undefined;
    return {
      user: visit.user,
      client,
      place,
      at,
      other,
      sftp: () => (sftp ??= startSftp((callback) => client.subsys('sftp', callback))),
      close: () => {
        if (client !== visit.client || !shared) client.end();
      },
    };
  };
  const close = () =>
    void shared?.then(
      ({ client }) => client.end(),
      () => {},
    );

  switch (entry) {
    case 'direct':
    case 'second channel':
      return {
        async open(place) {
          const visit = await person.login(`@${LOGIN}@${place.name}`);
          if (entry === 'second channel') await firstChannel(visit.client);
          return door(visit, visit.client, place);
        },
        close,
      };
    case 'menu':
      return { open: async (place) => ((visit) => door(visit, visit.client, place))(await outer()), close };
    case 'tree':
      return {
        async open(place) {
          const visit = await outer();
          return door(visit, visit.client, place, (path) => `/${place.name}/${LOGIN}${path}`);
        },
        close,
      };
    case 'jump':
    case 'stdio':
      return {
        async open(place) {
          const visit = await outer();
          const [host, port] = entry === 'jump' ? [place.name, 22] : [place.address, place.port];
          return door(visit, await inner(visit.client, host, port), place);
        },
        close,
      };
  }
}

/** A channel that is open, or was refused, before those of the cells. */
async function firstChannel(client: Client): Promise<void> {
  await new Promise<void>((resolve) =>
    client.exec('cat', (error, channel) => {
      if (error) return resolve();
      channel.once('data', () => resolve());
      channel.once('close', () => resolve());
      channel.write('here\n');
    }),
  );
}

/** The second login within a connection, for which the first one stands. */
async function inner(outer: Client, host: string, port: number): Promise<Client> {
  const sock = await new Promise<ClientChannel>((resolve, reject) =>
    outer.forwardOut('127.0.0.1', 0, host, port, (error, channel) => (error ? reject(error) : resolve(channel))),
  );
  const client = new ssh2.Client();
  const ready = once(client, 'ready');
  client.connect({ sock, username: LOGIN, strictVendor: false, authHandler: ['none'] } as ConnectConfig);
  await ready;
  client.on('error', () => {});
  return client;
}

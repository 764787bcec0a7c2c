import { existsSync } from 'node:fs';
import { createApi } from '../api/api.ts';
import { createHandlers } from '../api/handlers/all.ts';
import { inProcess } from '../api/in-process.ts';
import { machineName } from '../api/start-http.ts';
import type { LoadedConfig } from '../config/load.ts';
import { silentLog } from '../kernel/log.ts';
import { openCore } from './core.ts';
import { hostKeysDir, sshDoor } from './ssh-door.ts';
import { COMMAND_PURPOSE, inTurn } from './turn.ts';
import { VERSION } from './version.ts';
import { webAddress } from './web.ts';

/** The API inside this process, on the data of a stopped daemon, which `enterDataDir` has let in. */
export async function openOffline({ config, file }: LoadedConfig, dataDir: string, tell: (notice: string) => void) {
  const core = await inTurn(() =>
    openCore({
      ...{ config, dataDir, log: silentLog(), purpose: COMMAND_PURPOSE, create: false },
      onUpgrade: ({ from, to, copy }) =>
        tell(`The database was upgraded from version ${from} to ${to}. As it was before, it is kept in ${copy}`),
    }),
  );
  const api = createApi({
    handlers: createHandlers({
      ...core,
      version: VERSION,
      configFile: file,
      webAddress: () => webAddress(config.http.public_url, undefined),
      sshDoor: sshDoor(config, hostKeysDir(dataDir)),
      localTargets: existsSync(`${dataDir}/demo-password`),
    }),
    store: core.store,
    log: core.log,
    clock: core.clock,
  });
  return { transport: inProcess(api, { kind: 'machine', name: machineName() }), close: core.close };
}

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createApi } from '../api/api.ts';
import { createHandlers } from '../api/handlers/all.ts';
import { inProcess } from '../api/in-process.ts';
import { machineName } from '../api/start-http.ts';
import { loadConfig } from '../config/load.ts';
import { showConfig } from '../config/show.ts';
import { silentLog } from '../kernel/log.ts';
import { verifyAuditFile } from '../tasks/audit-file.ts';
import { openCore } from './core.ts';
import { enterDataDir } from './data-dir.ts';
import { type ServeOptions, serve } from './serve.ts';
import { hostKeysDir, sshDoor } from './ssh-door.ts';
import { COMMAND_PURPOSE, inTurn } from './turn.ts';
import { VERSION } from './version.ts';
import { webAddress } from './web.ts';

interface Place {
  readonly configFile?: string | undefined;
  readonly data?: string | undefined;
}

const load = (place: Place) => loadConfig({ file: place.configFile, data: place.data });

/** What the command line needs of the house beside the SDK: the daemon itself, and the API without a daemon. */
export function createBackend() {
  return {
    serve: (options: ServeOptions) => serve(options),

    async dataDir(place: Place) {
      return resolve(load(place).config.data);
    },

    async openOffline(place: Place) {
      const { config, file } = load(place);
      const dataDir = resolve(config.data);
      enterDataDir(dataDir);
      const core = await inTurn(() =>
        openCore({ config, dataDir, log: silentLog(), purpose: COMMAND_PURPOSE, create: false }),
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
    },

    async checkConfig(place: Place) {
      return { file: load(place).file };
    },

    verifyAuditFile,

    async showConfig(place: Place) {
      const { config, file } = load(place);
      return { file, values: showConfig(config) };
    },
  };
}

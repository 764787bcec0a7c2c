import { resolve } from 'node:path';
import { loadConfig } from '../config/load.ts';
import { showConfig } from '../config/show.ts';
import type { FileOptions } from '../tasks/audit-file.ts';
import { enterDataDir } from './data-dir.ts';
import { type DoctorOptions, examine } from './doctor/doctor.ts';
import { selfTest } from './self-test/self-test.ts';
import { type ServeOptions, serve } from './serve.ts';
import { VERSION } from './version.ts';

interface Place {
  readonly configFile?: string | undefined;
  readonly data?: string | undefined;
}

const load = (place: Place) => loadConfig({ file: place.configFile, data: place.data });

/**
 * What the command line needs of the house beside the SDK: the daemon itself, and the API without a daemon. The rooms
 * are imported when they are needed: most commands only talk to the daemon, start sooner without them, and must not
 * need the native addons, which the executable has to write into the data directory first.
 */
export function createBackend() {
  return {
    serve: (options: ServeOptions) => serve(options),

    async dataDir(place: Place) {
      return resolve(load(place).config.data);
    },

    async openOffline(place: Place, tell: (notice: string) => void) {
      const loaded = load(place);
      const dataDir = resolve(loaded.config.data);
      enterDataDir(dataDir);
      return (await import('./offline.ts')).openOffline(loaded, dataDir, tell);
    },

    async checkConfig(place: Place) {
      return { file: load(place).file };
    },

    async verifyAuditFile(file: string, options: FileOptions) {
      return (await import('../tasks/audit-file.ts')).verifyAuditFile(file, options);
    },

    doctor: (options: DoctorOptions) => examine(options),

    selfTest: ({ data }: Place) => ({ version: VERSION, checks: selfTest(data) }),

    async showConfig(place: Place) {
      const { config, file } = load(place);
      return { file, values: showConfig(config) };
    },
  };
}

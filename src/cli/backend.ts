import type { Transport } from '../sdk/client.ts';

/** Which configuration and data a command means: `--config FILE` and `--data DIR`. */
export interface Place {
  readonly configFile?: string | undefined;
  readonly data?: string | undefined;
}

/** What the command line needs of the rest of the house. */
export interface CliBackend {
  /** The data directory these options mean; reads the configuration only. AppError `config` when it is wrong. */
  dataDir(place: Place): Promise<string>;
  /** Runs the daemon until it is told to stop; the exit code. */
  serve(options: Place & { demo: boolean }): Promise<number>;
  /**
   * The API inside this process on a stopped daemon's data. Takes the lock, and works as the owner of the data when
   * root. AppError `config` when there is no data directory, `busy` when a daemon holds it.
   */
  openOffline(place: Place): Promise<{ readonly transport: Transport; close(): Promise<void> }>;
  /** Reads and checks the configuration. AppError `config` with file and line when it is wrong. */
  checkConfig(place: Place): Promise<{ readonly file: string | null }>;
  /** The configuration that holds, defaults included, in the file's own key names. Holds no secret. */
  showConfig(place: Place): Promise<{ readonly file: string | null; readonly values: Record<string, unknown> }>;
}

import type { AuditFinding, AuditHead } from '../api/contract/audit.ts';
import type { Transport } from '../sdk/client.ts';

/** Which configuration and data a command means: `--config FILE` and `--data DIR`. */
export interface Place {
  readonly configFile?: string | undefined;
  readonly data?: string | undefined;
}

/** What an exported audit file came to. */
export interface AuditFileSummary {
  readonly chain: string;
  readonly rows: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly from: string | null;
  readonly until: string | null;
  readonly findings: readonly Omit<AuditFinding, 'kind'>[];
  readonly findingCount: number;
  readonly head: string | null;
}

/** One thing that `self-test` tried. */
export interface SelfCheck {
  readonly name: string;
  readonly ok: boolean;
  /** What was found, or what is wrong. */
  readonly detail: string;
  readonly milliseconds: number;
}

/** What the doctor found. */
export interface DoctorReport {
  readonly version: string;
  /** Null where the configuration does not say. */
  readonly data: string | null;
  /** `silent`: it holds its data, and does not answer. */
  readonly daemon: 'running' | 'silent' | 'stopped';
  readonly checks: readonly {
    readonly name: string;
    readonly state: 'ok' | 'warn' | 'fail';
    readonly text: string;
    /** What to do about it. */
    readonly todo: string | null;
  }[];
}

/** What the command line needs of the rest of the house. */
export interface CliBackend {
  /** The data directory these options mean; reads the configuration only. AppError `config` when it is wrong. */
  dataDir(place: Place): Promise<string>;
  /** Runs the daemon until it is told to stop; the exit code. */
  serve(options: Place & { demo: boolean }): Promise<number>;
  /**
   * The API inside this process on a stopped daemon's data. Takes the lock, and works as the owner of the data when
   * root. AppError `config` when there is no data directory, `busy` when a daemon holds it. Tells when the database was
   * of an earlier release and had to be upgraded.
   */
  openOffline(
    place: Place,
    tell: (notice: string) => void,
  ): Promise<{ readonly transport: Transport; close(): Promise<void> }>;
  /** Reads and checks the configuration. AppError `config` with file and line when it is wrong. */
  checkConfig(place: Place): Promise<{ readonly file: string | null }>;
  /**
   * Verifies an exported audit file by itself; needs no daemon and no data. AppError `not_found` without the file,
   * `invalid` when it is none.
   */
  verifyAuditFile(
    file: string,
    options: { readonly key?: string | undefined; readonly head?: AuditHead | undefined },
  ): Promise<AuditFileSummary>;
  /**
   * Tries what the bastion stands on, below the data directory that is named, else in the system's temporary one.
   * AppError `config` when there is no place for it.
   */
  selfTest(place: Place): { readonly version: string; readonly checks: AsyncIterable<SelfCheck> };
  /**
   * Looks at everything the bastion stands on and changes none of it; `deep` reads all of it. AppError `forbidden` for
   * who may not see the data.
   */
  doctor(options: Place & { readonly deep: boolean }): Promise<DoctorReport>;
  /** The configuration that holds, defaults included, in the file's own key names. Holds no secret. */
  showConfig(place: Place): Promise<{ readonly file: string | null; readonly values: Record<string, unknown> }>;
}

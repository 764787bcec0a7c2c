import { bracketed } from '../kernel/ip.ts';
import { environmentName } from './load.ts';
import { type Config, configSchema, type ListenAddress } from './schema.ts';

const DURATIONS = new Set([
  'login_grace',
  'keepalive',
  'connect_timeout',
  'mfa_remember',
  'for',
  'idle',
  'max',
  'idle_timeout',
  'max_time',
  'reconnect_grace',
  'shutdown_grace',
]);
/** Durations of which null means for ever. */
const KEEPING = new Set(['recordings', 'commands', 'audit']);
const SIZES = new Set(['recording_limit', 'exec_output_limit', 'disk_reserve']);

export interface ShownSetting {
  /** `session.idle_timeout` */
  readonly key: string;
  /** As it would be written in the file. */
  readonly value: string;
  readonly isDefault: boolean;
  /** BASTION_SESSION__IDLE_TIMEOUT */
  readonly env: string;
}

/** A configuration key by key, in the order of the schema. */
export function showSettings(config: Config): ShownSetting[] {
  const usual = new Map(leaves(showConfig(configSchema.parse({}))));
  return leaves(showConfig(config)).map(([key, value]) => ({
    key,
    value,
    isDefault: usual.get(key) === value,
    env: environmentName(key.split('.')),
  }));
}

function leaves(value: unknown, path: readonly string[] = []): [string, string][] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return Object.entries(value).flatMap(([name, inner]) => leaves(inner, [...path, name]));
  return [[path.join('.'), typeof value === 'string' ? value : JSON.stringify(value)]];
}

/** A configuration as a file would hold it: durations, sizes and addresses as people write them. */
export function showConfig(config: Config): Record<string, unknown> {
  return shown(config) as Record<string, unknown>;
}

function shown(value: unknown, key = ''): unknown {
  if (key === 'listen') {
    const addresses = (value as ListenAddress[]).map(listenText);
    return addresses.length === 1 ? addresses[0] : addresses;
  }
  if (KEEPING.has(key) && value === null) return 'never';
  if (DURATIONS.has(key) || KEEPING.has(key))
    return inUnits(
      value as number,
      [
        ['d', 86_400_000],
        ['h', 3_600_000],
        ['m', 60_000],
        ['s', 1000],
      ],
      'ms',
    );
  if (SIZES.has(key))
    return inUnits(
      value as number,
      [
        ['GiB', 2 ** 30],
        ['MiB', 2 ** 20],
        ['KiB', 2 ** 10],
      ],
      'B',
    );
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shown(inner, name)]));
}

/** The largest unit that gives a whole number. */
function inUnits(value: number, units: readonly (readonly [string, number])[], smallest: string): string {
  const unit = units.find(([, factor]) => value >= factor && value % factor === 0);
  return unit ? `${value / unit[1]}${unit[0]}` : `${value}${smallest}`;
}

function listenText({ host, port }: ListenAddress): string {
  return `${bracketed(host ?? '')}:${port}`;
}

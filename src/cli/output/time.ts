const UNITS: readonly (readonly [ms: number, name: string])[] = [
  [365 * 86_400_000, 'y'],
  [30 * 86_400_000, 'mo'],
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1000, 's'],
];

const two = (n: number) => String(n).padStart(2, '0');

/** `2026-11-24 05:49` in the machine's own time zone; `seconds` adds them. */
export function absoluteTime(at: number, seconds = false): string {
  const d = new Date(at);
  const day = `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
  return `${day} ${two(d.getHours())}:${two(d.getMinutes())}${seconds ? `:${two(d.getSeconds())}` : ''}`;
}

/** `3m ago`, `in 2d`, `now`. */
export function relativeTime(at: number, now: number): string {
  // what was made for eight hours a moment ago is said to end in 8h, not 7h
  const distance = at > now + 60_000 ? Math.round((at - now) / 60_000) * 60_000 : Math.abs(now - at);
  const unit = UNITS.find(([ms]) => distance >= ms);
  if (!unit) return 'now';
  const text = `${Math.floor(distance / unit[0])}${unit[1]}`;
  return at <= now ? `${text} ago` : `in ${text}`;
}

/** Both, of an ISO time, for tables and details: `2026-11-24 05:49 (3m ago)`; `-` when there is no time. */
export function bothTimes(iso: string | null, now: number, none = '-'): string {
  if (iso === null) return none;
  const at = Date.parse(iso);
  return `${absoluteTime(at)} (${relativeTime(at, now)})`;
}

/** A length of time: `0:42`, `12:05`, `3:07:44`. */
export function clockTime(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(total % 60)}` : `${minutes}:${two(total % 60)}`;
}

/** `512 B`, `1.5 KiB`, `20 MiB`. */
export function byteSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = -1;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value >= 10 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** The minute of an ISO time, without the year when it is that of `now`: `12-31 18:00`. */
export function minuteOf(iso: string, now: number): string {
  const full = absoluteTime(Date.parse(iso));
  return full.slice(0, 4) === absoluteTime(now).slice(0, 4) ? full.slice(5) : full;
}

/** The second of an ISO time, `2026-12-31 18:00:07`; without the year when it is that of `now`. */
export function secondOf(iso: string, now?: number): string {
  const full = absoluteTime(Date.parse(iso), true);
  return now !== undefined && full.slice(0, 4) === absoluteTime(now).slice(0, 4) ? full.slice(5) : full;
}

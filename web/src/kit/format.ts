import { useMemo } from 'react';
import { kitWords } from './kit-words.ts';
import { type Language, useLanguage, useWords } from './words.ts';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** `1.4 MiB` */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** `0:07`, `12:30`, `1:02:09` */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const pad = (n: number) => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`;
}

function formats(language: Language) {
  const moment = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' });
  const short = new Intl.DateTimeFormat(language, {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  });
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'medium' });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const number = new Intl.NumberFormat(language);
  return {
    /** With seconds: for tooltips and facts. */
    moment: (iso: string) => moment.format(new Date(iso)),
    /** For columns. */
    short: (iso: string) => short.format(new Date(iso)),
    day: (iso: string) => day.format(new Date(iso)),
    number: (n: number) => number.format(n),
    /** `3 hours ago`; undefined when it is less than a minute. */
    relative(iso: string): string | undefined {
      const seconds = (Date.parse(iso) - Date.now()) / 1000;
      const step = STEPS.find(([, length]) => Math.abs(seconds) >= length);
      return step && relative.format(Math.trunc(seconds / step[1]), step[0]);
    },
  };
}

/** Times and numbers as the chosen language writes them. */
export function useFormat() {
  const language = useLanguage();
  const t = useWords(kitWords);
  return useMemo(() => {
    const { relative, ...rest } = formats(language);
    return { ...rest, ago: (iso: string | null) => (iso === null ? t.never : (relative(iso) ?? t.now)) };
  }, [language, t]);
}

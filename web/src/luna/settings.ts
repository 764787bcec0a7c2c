import { Store } from './store.ts';

/** How terminals look and behave for this person; kept as preference `luna.terminal`. */
export interface TerminalSettings {
  /** Of PALETTES, or `auto`: as the page is light or dark. */
  readonly palette: string;
  readonly font: string;
  readonly fontSize: number;
  readonly lineHeight: number;
  readonly cursor: 'block' | 'bar' | 'underline';
  readonly blink: boolean;
  /** Lines. */
  readonly scrollback: number;
  readonly bell: 'none' | 'visual' | 'sound';
  readonly copyOnSelect: boolean;
  readonly rightClick: 'menu' | 'paste';
  /** Ask before several lines are pasted. */
  readonly askPaste: boolean;
  /** Programs may write the clipboard (OSC 52). */
  readonly clipboardByProgram: boolean;
  /** Ctrl+Shift+W closes the pane. Most browsers close their window by it. */
  readonly closeByKey: boolean;
}

export const DEFAULTS: TerminalSettings = {
  palette: 'auto',
  font: 'system',
  fontSize: 14,
  lineHeight: 1.2,
  cursor: 'block',
  blink: false,
  scrollback: 5_000,
  bell: 'visual',
  copyOnSelect: false,
  rightClick: 'menu',
  askPaste: true,
  clipboardByProgram: false,
  closeByKey: false,
};

export const FONT_SIZES = { min: 8, max: 32 } as const;
export const LINE_HEIGHTS = { min: 1, max: 2 } as const;
export const SCROLLBACK = { min: 0, max: 50_000 } as const;

const FALLBACK = 'ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", "WenQuanYi Micro Hei Mono", monospace';

/** What people have on their machines; nothing is loaded from anywhere. */
export const FONTS: readonly string[] = [
  'system',
  'JetBrains Mono',
  'Fira Code',
  'Cascadia Mono',
  'Source Code Pro',
  'IBM Plex Mono',
  'Hack',
  'Ubuntu Mono',
  'DejaVu Sans Mono',
  'Menlo',
  'Consolas',
  'Courier New',
];

export function fontFamily(font: string): string {
  return FONTS.includes(font) && font !== 'system' ? `"${font}", ${FALLBACK}` : FALLBACK;
}

export const terminalSettings = new Store<TerminalSettings>(DEFAULTS);

/** What was kept, as far as it still makes sense. */
export function readSettings(kept: unknown): TerminalSettings {
  if (typeof kept !== 'object' || kept === null) return DEFAULTS;
  const values = kept as Record<string, unknown>;
  const read: Record<string, unknown> = { ...DEFAULTS };
  for (const [name, fallback] of Object.entries(DEFAULTS))
    if (typeof values[name] === typeof fallback) read[name] = values[name];
  const bounded = (name: keyof TerminalSettings, { min, max }: { min: number; max: number }) => {
    const value = read[name] as number;
    read[name] = Number.isFinite(value) ? Math.min(max, Math.max(min, value)) : DEFAULTS[name];
  };
  bounded('fontSize', FONT_SIZES);
  bounded('lineHeight', LINE_HEIGHTS);
  bounded('scrollback', SCROLLBACK);
  if (!['block', 'bar', 'underline'].includes(read.cursor as string)) read.cursor = DEFAULTS.cursor;
  if (!['none', 'visual', 'sound'].includes(read.bell as string)) read.bell = DEFAULTS.bell;
  return read as unknown as TerminalSettings;
}

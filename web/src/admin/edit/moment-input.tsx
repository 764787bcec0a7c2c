import '@mantine/dates/styles.css';
import 'dayjs/locale/zh-cn';
import { DateTimePicker } from '@mantine/dates';
import { useLanguage, useWords } from '../../kit/words.ts';
import { editWords } from './edit-words.ts';

const LOCALES = { en: 'en', 'zh-CN': 'zh-cn' } as const;

/** A date and time in this browser's time zone; null is none. `value` and what is given on are ISO 8601 in UTC. */
export function MomentInput(props: {
  readonly label?: string | undefined;
  /** Where no label is shown. */
  readonly 'aria-label'?: string | undefined;
  readonly description?: string | undefined;
  /** What stands there while there is no date. */
  readonly placeholder?: string | undefined;
  readonly w?: number | undefined;
  readonly value: string | null;
  readonly onChange: (iso: string | null) => void;
}) {
  const t = useWords(editWords);
  const language = useLanguage();
  return (
    <DateTimePicker
      label={props.label}
      aria-label={props['aria-label']}
      description={props.description}
      w={props.w}
      placeholder={props.placeholder ?? t.noDate}
      locale={LOCALES[language]}
      valueFormat={language === 'en' ? 'D MMM YYYY, HH:mm' : 'YYYY年M月D日 HH:mm'}
      clearable
      value={props.value === null ? null : local(new Date(props.value))}
      onChange={(text) => props.onChange(text === null ? null : new Date(text.replace(' ', 'T')).toISOString())}
    />
  );
}

/** As the picker writes it: `2026-12-31 18:00:00`, without a zone. */
function local(date: Date): string {
  const pad = (n: number) => String(n).padStart(2, '0');
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day} ${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

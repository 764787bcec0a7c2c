import { Button, Tooltip } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useWords } from '../../kit/words.ts';
import { partWords } from './part-words.ts';

type Values = Readonly<Record<string, string | boolean | undefined>>;

/** Where the browser itself loads a file from: what is exported may be larger than the memory of a page. */
export function apiUrl(path: `/${string}`, values: Values = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    if (value !== undefined && value !== '') query.set(name, String(value));
  const text = query.toString();
  return `/api/v1${path}${text === '' ? '' : `?${text}`}`;
}

/** `bastion-sessions-2026-12-31.jsonl` */
export function fileName(what: string, ending: string): string {
  return `bastion-${what}-${new Date().toISOString().slice(0, 10)}.${ending}`;
}

interface ExportProps {
  readonly path: `/${string}`;
  readonly values?: Values;
  readonly what: string;
  /** What is exported, where that is not what the list shows. */
  readonly hint?: string;
}

export function ExportButton({ path, values, what, hint }: ExportProps) {
  const t = useWords(partWords);
  return (
    <Tooltip label={hint ?? t.exportHint} multiline maw={320}>
      <Button
        component="a"
        href={apiUrl(path, values)}
        download={fileName(what, 'jsonl')}
        variant="default"
        leftSection={<IconDownload size={16} />}
      >
        {t.export}
      </Button>
    </Tooltip>
  );
}

import { notifications } from '@mantine/notifications';
import { useEffect, useState } from 'react';
import { ApiError, api } from '../../kit/api.ts';
import { useErrorText } from '../../kit/states.tsx';
import { useTell } from '../../kit/tell.tsx';
import { useWords } from '../../kit/words.ts';
import { importWords } from './import-words.ts';
import type { CsvFile, CsvRow } from './read-csv.ts';
import { assetsChanged } from './use-moves.ts';

interface Judgement {
  readonly checking: boolean;
  /** By line. */
  readonly problems: ReadonlyMap<number, string>;
  /** How many rows are wrong; the server names the first hundred. */
  readonly wrong: number;
  readonly error: unknown;
}

const sent = (rows: readonly CsvRow[]) =>
  rows.flatMap(({ line, asset }) => (asset ? [{ line, asset: { ...asset } }] : []));

/** What the server would say about the rows, asked without adding anything. */
export function useJudgement(file: CsvFile | undefined): Judgement {
  const [told, setTold] = useState<Judgement & { readonly of: CsvFile | undefined }>();
  useEffect(() => {
    if (!file) return;
    const aborted = new AbortController();
    const own = file.rows.flatMap(({ line, problem }) => (problem === undefined ? [] : [[line, problem] as const]));
    void api.assets
      .import({ rows: sent(file.rows), dryRun: true }, { signal: aborted.signal })
      .then(
        () => ({ rows: [] as readonly (readonly [number, string])[], wrong: 0, error: undefined }),
        (error: unknown) => {
          const rows = rowsOf(error);
          return rows
            ? { rows, wrong: wrongOf(error) ?? rows.length, error: undefined }
            : { rows: [], wrong: 0, error };
        },
      )
      .then(({ rows, wrong, error }) => {
        if (aborted.signal.aborted) return;
        setTold({
          of: file,
          checking: false,
          problems: new Map([...rows, ...own]),
          wrong: wrong + own.length,
          error,
        });
      });
    return () => aborted.abort();
  }, [file]);
  if (!file || told?.of !== file)
    return { checking: file !== undefined, problems: new Map(), wrong: 0, error: undefined };
  return told;
}

function rowsOf(error: unknown): readonly (readonly [number, string])[] | undefined {
  if (!(error instanceof ApiError) || !Array.isArray(error.details?.rows)) return undefined;
  return (error.details.rows as { line: number; message: string }[]).map(({ line, message }) => [line, message]);
}

function wrongOf(error: unknown): number | undefined {
  const wrong = error instanceof ApiError ? error.details?.wrong : undefined;
  return typeof wrong === 'number' ? wrong : undefined;
}

/** Adds the assets, then the accounts the file asks for; resolves with whether the assets were added. */
export function useImport() {
  const t = useWords(importWords);
  const tell = useTell();
  const errorText = useErrorText();
  return async (file: CsvFile): Promise<boolean> => {
    try {
      const { added } = await api.assets.import({ rows: sent(file.rows) });
      tell.done(t.done(added));
    } catch (error) {
      tell.failed(error);
      return false;
    }
    const failures: unknown[] = [];
    for (const { asset, login } of file.rows) {
      if (login === undefined || !asset) continue;
      await api.accounts.add({ asset: String(asset.name), login }).catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) {
      notifications.show({
        color: 'red',
        autoClose: 12_000,
        message: t.accountsFailed(failures.length, errorText(failures[0])),
      });
    }
    await assetsChanged();
    return true;
  };
}

import { Alert, Group, Loader, Paper, Stack, Switch, Table, Text } from '@mantine/core';
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { useState } from 'react';
import { useSaid } from '../../kit/said/said.ts';
import { useWords } from '../../kit/words.ts';
import { importWords } from './import-words.ts';
import type { CsvFile } from './read-csv.ts';
import type { useJudgement } from './use-import.ts';

const SHOWN = 200;

/** The rows as they were read, each wrong one with its reason. */
export function ImportPreview(props: { readonly file: CsvFile; readonly judgement: ReturnType<typeof useJudgement> }) {
  const { file, judgement } = props;
  const { checking, problems, wrong } = judgement;
  const t = useWords(importWords);
  const said = useSaid();
  const [onlyWrong, setOnlyWrong] = useState(false);
  const accounts = file.rows.filter((row) => row.login !== undefined).length;
  const rows = file.rows.filter((row) => !onlyWrong || problems.has(row.line));
  // wrong rows are never out of sight
  const shown = [...rows].sort((a, b) => Number(problems.has(b.line)) - Number(problems.has(a.line))).slice(0, SHOWN);
  return (
    <Stack gap="md">
      {checking ? (
        <Group gap="xs" role="status">
          <Loader size={14} />
          <Text size="sm" c="dimmed">
            {t.checking}
          </Text>
        </Group>
      ) : wrong > 0 ? (
        <Alert color="red" variant="light" icon={<IconCircleX size={18} />} role="status">
          {t.wrong(wrong)}
        </Alert>
      ) : (
        !judgement.error && (
          <Alert color="teal" variant="light" icon={<IconCircleCheck size={18} />} role="status">
            {t.good(file.rows.length)} {accounts > 0 && t.goodAccounts(accounts)}
          </Alert>
        )
      )}
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {rows.length > SHOWN ? t.shown(SHOWN, rows.length) : t.rows(rows.length)}
        </Text>
        {wrong > 0 && (
          <Switch
            size="xs"
            label={t.onlyWrong}
            checked={onlyWrong}
            onChange={(event) => setOnlyWrong(event.currentTarget.checked)}
          />
        )}
      </Group>
      <Paper withBorder style={{ overflow: 'hidden' }}>
        <Table.ScrollContainer minWidth={600} type="native">
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th w={60}>{t.line}</Table.Th>
                {file.columns.map((column) => (
                  <Table.Th key={column}>{column}</Table.Th>
                ))}
                {wrong > 0 && <Table.Th>{t.state}</Table.Th>}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {shown.map((row) => {
                const problem = problems.get(row.line);
                return (
                  <Table.Tr key={row.line} bg={problem === undefined ? undefined : 'var(--mantine-color-red-light)'}>
                    <Table.Td>
                      <Text size="xs" c="dimmed">
                        {row.line}
                      </Text>
                    </Table.Td>
                    {file.columns.map((column) => (
                      <Table.Td key={column}>
                        <Text size="sm" truncate maw={220} title={row.cells[column]}>
                          {row.cells[column]}
                        </Text>
                      </Table.Td>
                    ))}
                    {wrong > 0 && (
                      <Table.Td>
                        <Text size="sm" c="red" maw={360} style={{ overflowWrap: 'anywhere' }}>
                          {problem !== undefined && said(problem)}
                        </Text>
                      </Table.Td>
                    )}
                  </Table.Tr>
                );
              })}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </Paper>
    </Stack>
  );
}

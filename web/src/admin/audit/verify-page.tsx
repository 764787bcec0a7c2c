import {
  Alert,
  Button,
  FileButton,
  Group,
  Paper,
  Progress,
  Stack,
  Switch,
  Text,
  Textarea,
  Tooltip,
} from '@mantine/core';
import { IconDownload, IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import type { AuditHead } from '../../../../src/api/contract/audit.ts';
import { useFormat } from '../../kit/format.ts';
import { Page } from '../../kit/page.tsx';
import { Failed } from '../../kit/states.tsx';
import { useWords } from '../../kit/words.ts';
import { apiUrl, fileName } from '../parts/download.tsx';
import { useVerification } from './verification.ts';
import { Findings, Outcome } from './verify-outcome.tsx';
import { auditWords } from './words.ts';

/** Verifies the log, shows how far it is and what it found; saves its signed end. */
export function VerifyPage() {
  const t = useWords(auditWords);
  const { number } = useFormat();
  const [recordings, setRecordings] = useState(true);
  const [text, setText] = useState('');
  const verification = useVerification();
  const head = text.trim() === '' ? undefined : headOf(text);
  const { state } = verification;
  return (
    <Page
      title={t.verifyTitle}
      description={t.verifyText}
      back={{ href: '/admin/audit', word: t.title }}
      actions={
        <Tooltip label={t.saveHeadHint}>
          <Button
            component="a"
            href={apiUrl('/audit/head')}
            download={fileName('audit-head', 'json')}
            variant="default"
            leftSection={<IconDownload size={16} />}
          >
            {t.saveHead}
          </Button>
        </Tooltip>
      }
    >
      <Paper withBorder p="lg" maw={820}>
        <Stack gap="md">
          <Switch
            label={t.withRecordings}
            description={t.withRecordingsText}
            checked={recordings}
            onChange={(event) => setRecordings(event.currentTarget.checked)}
          />
          <Textarea
            label={t.withHead}
            description={t.withHeadText}
            placeholder={t.headPaste}
            autosize
            minRows={2}
            maxRows={6}
            spellCheck={false}
            value={text}
            error={head === null ? t.headBad : undefined}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Group justify="space-between">
            <FileButton accept=".json,application/json" onChange={(file) => void file?.text().then(setText)}>
              {(props) => (
                <Button {...props} variant="subtle" color="gray" leftSection={<IconUpload size={16} />}>
                  {t.headLoad}
                </Button>
              )}
            </FileButton>
            {verification.running ? (
              <Button variant="default" onClick={verification.stop}>
                {t.stop}
              </Button>
            ) : (
              <Button
                disabled={head === null}
                onClick={() => void verification.start({ recordings, ...(head && { head }) })}
              >
                {t.start}
              </Button>
            )}
          </Group>
        </Stack>
      </Paper>
      {state && (
        <Stack gap="md" maw={820} aria-live="polite">
          {verification.running && state.progress && (
            <div>
              <Text size="sm" mb={6}>
                {t[state.progress.what](number(state.progress.done), number(state.progress.of))}
              </Text>
              <Progress
                aria-label={t.verifyTitle}
                value={state.progress.of === 0 ? 100 : (state.progress.done / state.progress.of) * 100}
              />
            </div>
          )}
          {state.summary && <Outcome summary={state.summary} />}
          {state.findings.length > 0 && <Findings state={state} />}
          {state.error !== undefined && <Failed error={state.error} />}
          {state.brokenOff && (
            <Alert color="orange" variant="light">
              {t.broken}
            </Alert>
          )}
        </Stack>
      )}
    </Page>
  );
}

/** The head in what was pasted: a head by itself, a line of an export or of the process log. Null when there is none. */
function headOf(text: string): AuditHead | null {
  try {
    const value = JSON.parse(text.trim()) as Record<string, unknown>;
    const head = value.format === undefined && typeof value.head === 'object' ? value.head : value;
    return (head as AuditHead | null)?.format === 'bastion-audit-head-1' ? (head as AuditHead) : null;
  } catch {
    return null;
  }
}

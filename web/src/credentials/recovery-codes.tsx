import { Alert, Button, Checkbox, CopyButton, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconCheck, IconCopy, IconDownload, IconLifebuoy } from '@tabler/icons-react';
import { useState } from 'react';
import { useWords } from '../kit/words.ts';
import { credentialWords } from './words.ts';

/** Shown once: the person copies or downloads them, says so, and goes on. */
export function RecoveryCodes(props: {
  readonly codes: readonly string[];
  readonly name: string;
  readonly done: () => void;
  readonly running?: boolean;
}) {
  const { codes, name, done, running = false } = props;
  const t = useWords(credentialWords);
  const [kept, setKept] = useState(false);
  const text = `${t.recoveryFile(name, location.host)}\n\n${codes.join('\n')}\n`;
  const download = () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
    link.download = 'bastion-recovery-codes.txt';
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <Stack gap="md">
      <Alert color="yellow" variant="light" icon={<IconLifebuoy size={18} />} title={t.recoveryTitle}>
        <Text size="sm">{t.recoveryText}</Text>
      </Alert>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs" verticalSpacing={4}>
        {codes.map((code) => (
          <Text key={code} className="mono" size="xs" ta="center" style={{ whiteSpace: 'nowrap' }}>
            {code}
          </Text>
        ))}
      </SimpleGrid>
      <Group grow>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button
              variant="default"
              onClick={copy}
              leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
            >
              {copied ? t.recoveryCopied : t.recoveryCopy}
            </Button>
          )}
        </CopyButton>
        <Button variant="default" onClick={download} leftSection={<IconDownload size={16} />}>
          {t.recoveryDownload}
        </Button>
      </Group>
      <Checkbox label={t.recoveryKept} checked={kept} onChange={(event) => setKept(event.currentTarget.checked)} />
      <Button disabled={!kept} loading={running} onClick={done} fullWidth>
        {t.go}
      </Button>
    </Stack>
  );
}

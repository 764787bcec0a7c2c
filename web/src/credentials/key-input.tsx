import { Button, FileButton, Group, Textarea } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { useWords } from '../kit/words.ts';
import { credentialWords } from './words.ts';

type Fault = 'private' | 'shape' | 'many';
const TYPES =
  /(?:^|\s)(?:ssh-(?:ed25519|rsa)|ecdsa-sha2-nistp\d+|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)\s+AAAA/;

/** What is plainly wrong with a public key line before anybody is asked; undefined when nothing is, or it is empty. */
export function keyFault(text: string): Fault | undefined {
  const line = text.trim();
  if (line === '') return undefined;
  if (/-----BEGIN|PuTTY-User-Key-File/.test(line)) return 'private';
  if (line.split('\n').filter((one) => one.trim() !== '').length > 1) return 'many';
  return TYPES.test(line) ? undefined : 'shape';
}

/** A public key, pasted or taken from a file. */
export function KeyInput(props: {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error?: string | undefined;
  readonly label?: string;
}) {
  const { value, onChange, error, label } = props;
  const t = useWords(credentialWords);
  const fault = keyFault(value);
  const faults = { private: t.keyPrivate, shape: t.keyShape, many: t.keyMany };
  return (
    <div>
      <Textarea
        label={label ?? t.keyLabel}
        description={t.keyHint}
        placeholder="ssh-ed25519 AAAAC3Nza… you@laptop"
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        error={error ?? (fault && faults[fault])}
        autosize
        minRows={2}
        maxRows={6}
        spellCheck={false}
        autoComplete="off"
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13, wordBreak: 'break-all' } }}
      />
      <Group mt="xs">
        <FileButton
          accept=".pub,text/plain"
          onChange={(file) => {
            void file
              ?.slice(0, 32_768)
              .text()
              .then((text) => onChange(text.trim()));
          }}
        >
          {(button) => (
            <Button {...button} size="compact-sm" variant="subtle" leftSection={<IconFileUpload size={15} />}>
              {t.keyPick}
            </Button>
          )}
        </FileButton>
      </Group>
    </div>
  );
}

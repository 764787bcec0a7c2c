import { ActionIcon, Button, Group, Input, NumberInput, Select, Stack } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import type { AssetView } from '../../../../src/api/contract/assets.ts';
import { PROTOCOL_PORTS } from '../../../../src/store/model.ts';
import { useWords } from '../../kit/words.ts';
import { assetFormWords } from './form-words.ts';

type Port = AssetView['protocols'][number];

/** `local` is a shell on the bastion itself, for the demo alone: nobody adds it by hand. */
const OFFERED = (Object.keys(PROTOCOL_PORTS) as Port['name'][]).filter((name) => name !== 'local');

/** The protocols an asset speaks, each on its port. */
export function ProtocolsInput({
  value,
  onChange,
}: {
  readonly value: readonly Port[];
  readonly onChange: (value: readonly Port[]) => void;
}) {
  const t = useWords(assetFormWords);
  const taken = new Set(value.map((port) => port.name));
  const free = OFFERED.filter((name) => !taken.has(name));
  const put = (at: number, port: Port) => onChange(value.map((old, i) => (i === at ? port : old)));
  return (
    <Input.Wrapper label={t.protocols} required>
      <Stack gap="xs" align="flex-start">
        {value.map((port, at) => (
          <Group key={port.name} gap="xs" wrap="nowrap">
            <Select
              aria-label={t.protocol}
              w={150}
              data={[port.name, ...free]}
              value={port.name}
              onChange={(name) =>
                name !== null && put(at, { name: name as Port['name'], port: PROTOCOL_PORTS[name as Port['name']] })
              }
              allowDeselect={false}
            />
            <NumberInput
              aria-label={t.port}
              w={100}
              min={1}
              max={65535}
              allowDecimal={false}
              hideControls
              disabled={port.name === 'local'}
              value={port.port}
              onChange={(number) =>
                put(at, { ...port, port: typeof number === 'number' ? number : PROTOCOL_PORTS[port.name] })
              }
            />
            <ActionIcon
              aria-label={t.dropProtocol(port.name)}
              disabled={value.length === 1}
              onClick={() => onChange(value.filter((_, i) => i !== at))}
            >
              <IconX size={16} />
            </ActionIcon>
          </Group>
        ))}
        {free.length > 0 && (
          <Button
            size="compact-sm"
            variant="subtle"
            leftSection={<IconPlus size={15} />}
            onClick={() => onChange([...value, { name: free[0]!, port: PROTOCOL_PORTS[free[0]!] }])}
          >
            {t.addProtocol}
          </Button>
        )}
      </Stack>
    </Input.Wrapper>
  );
}

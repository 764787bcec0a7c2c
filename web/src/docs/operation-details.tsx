import { Badge, Group, Stack, Table, Tabs, Text } from '@mantine/core';
import { useWords } from '../kit/words.ts';
import { CodeBlock } from './code-block.tsx';
import type { Operation, Parameter } from './document.ts';
import { curlExample, sdkExample } from './examples.ts';
import { typeText } from './type-text.ts';
import { docsWords } from './words.ts';

/** Everything about one call: what goes in, what comes out, and how one makes it. */
export function OperationDetails({ operation, base }: { readonly operation: Operation; readonly base: string }) {
  const t = useWords(docsWords);
  const { parameters, body, upload, answer } = operation;
  return (
    <Stack gap="md">
      <Tabs defaultValue="curl" keepMounted={false}>
        <Tabs.List mb="xs">
          <Tabs.Tab value="curl">curl</Tabs.Tab>
          <Tabs.Tab value="sdk">SDK</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="curl">
          <CodeBlock text={curlExample(operation, location.origin, base)} />
        </Tabs.Panel>
        <Tabs.Panel value="sdk">
          <CodeBlock text={sdkExample(operation)} />
        </Tabs.Panel>
      </Tabs>
      {parameters.length > 0 && (
        <Part title={t.parameters}>
          <Table.ScrollContainer minWidth={320}>
            <Table verticalSpacing={4} layout="auto">
              <Table.Tbody>
                {parameters.map((one) => (
                  <ParameterRow key={`${one.in} ${one.name}`} parameter={one} />
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </Part>
      )}
      {body && (
        <Part title={t.body}>
          <CodeBlock text={typeText(body)} />
        </Part>
      )}
      {upload && (
        <Part title={t.body}>
          <Text size="sm">{t.bytes}</Text>
        </Part>
      )}
      <Part title={t.answer} note={{ 'application/x-ndjson': t.lines, 'text/plain': t.text }[answer.type]}>
        {answer.type === 'application/octet-stream' ? (
          <Text size="sm">{t.bytes}</Text>
        ) : (
          answer.type !== 'text/plain' && <CodeBlock text={typeText(answer.schema)} />
        )}
      </Part>
    </Stack>
  );
}

function Part(props: {
  readonly title: string;
  readonly note?: string | undefined;
  readonly children: React.ReactNode;
}) {
  return (
    <Stack gap={6}>
      <Group gap="xs">
        <Text size="sm" fw={600}>
          {props.title}
        </Text>
        {props.note && (
          <Text size="sm" c="dimmed">
            {props.note}
          </Text>
        )}
      </Group>
      {props.children}
    </Stack>
  );
}

function ParameterRow({ parameter }: { readonly parameter: Parameter }) {
  const t = useWords(docsWords);
  const { name, required, schema } = parameter;
  return (
    <Table.Tr>
      <Table.Td className="mono" style={{ verticalAlign: 'top', whiteSpace: 'nowrap' }}>
        {parameter.in === 'path' ? `{${name}}` : name}
      </Table.Td>
      <Table.Td className="mono" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
        {typeText(schema)}
      </Table.Td>
      <Table.Td ta="right" style={{ verticalAlign: 'top', whiteSpace: 'nowrap' }}>
        {required ? (
          <Badge size="sm" variant="light">
            {t.required}
          </Badge>
        ) : (
          schema.default !== undefined && (
            <Text size="xs" c="dimmed">
              {t.usual(String(schema.default))}
            </Text>
          )
        )}
      </Table.Td>
    </Table.Tr>
  );
}

import { Box, Stack, Table, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useWords } from '../kit/words.ts';
import { CodeBlock } from './code-block.tsx';
import type { Reference } from './document.ts';
import { typeText } from './type-text.ts';
import { docsWords } from './words.ts';

/** How one begins, and what holds for all calls. */
export function GettingStarted({ reference }: { readonly reference: Reference }) {
  const t = useWords(docsWords);
  const { base, errorCodes, schemas } = reference;
  const { origin } = location;
  return (
    <Stack gap="xl">
      <Part title={t.tokenTitle} text={t.tokenText}>
        <CodeBlock text="bastion token add alice --name scripts" />
      </Part>
      <Part title={t.callTitle} text={t.callText}>
        <CodeBlock text={`curl -H "Authorization: Bearer $TOKEN" '${origin}${base}/me'`} />
      </Part>
      <Part title={t.sdkTitle} text={t.sdkText}>
        <CodeBlock
          text={[
            "import { createClient, fetchTransport, pages } from 'bastion/sdk';",
            '',
            'const bastion = createClient({',
            `  transport: fetchTransport({ url: '${origin}', token: process.env.TOKEN }),`,
            '});',
            "for await (const { items } of pages(bastion.assets.list, { folder: '/prod' }))",
            '  for (const asset of items) console.log(asset.name, asset.address);',
          ].join('\n')}
        />
      </Part>
      <Part title={t.pagesTitle} text={t.pagesText} />
      <Part title={t.editsTitle} text={t.editsText} />
      <Part title={t.streamsTitle} text={t.streamsText} />
      <Part title={t.errorsTitle} text={t.errorsText}>
        <CodeBlock text={typeText({ ...schemas.Error, properties: withoutCodes(schemas.Error) })} />
        <Table.ScrollContainer minWidth={280} maw={420}>
          <Table verticalSpacing={4}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t.code}</Table.Th>
                <Table.Th ta="right">{t.status}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {errorCodes.map(({ code, status }) => (
                <Table.Tr key={code}>
                  <Table.Td className="mono">{code}</Table.Td>
                  <Table.Td ta="right">{status}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </Part>
    </Stack>
  );
}

/** The codes stand in the table below. */
function withoutCodes(error: Reference['schemas'][string] | undefined) {
  const body = error?.properties?.error;
  return { error: { ...body, properties: { ...body?.properties, code: { type: 'string' } } } };
}

function Part(props: { readonly title: string; readonly text: string; readonly children?: ReactNode }) {
  return (
    <Box>
      <Title order={3} mb={4}>
        {props.title}
      </Title>
      <Text size="sm" c="dimmed" mb="xs" maw={720}>
        {props.text}
      </Text>
      <Stack gap="sm">{props.children}</Stack>
    </Box>
  );
}

import {
  Accordion,
  Anchor,
  Badge,
  Box,
  Code,
  Group,
  NavLink,
  SegmentedControl,
  Stack,
  Text,
  Title,
} from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Fragment, type ReactNode, useDeferredValue, useState } from 'react';
import { Link } from 'wouter';
import { Brand } from '../kit/brand.tsx';
import { fragment } from '../kit/fragment.ts';
import { useDocumentTitle } from '../kit/page.tsx';
import { SearchInput } from '../kit/search-input.tsx';
import { Failed, Waiting } from '../kit/states.tsx';
import { LANGUAGES, type Language, setLanguage, useLanguage, useWords } from '../kit/words.ts';
import { CodeBlock } from './code-block.tsx';
import classes from './docs.module.css';
import { fits, type Operation, type Reference, reference } from './document.ts';
import { GettingStarted } from './getting-started.tsx';
import { OperationDetails } from './operation-details.tsx';
import { typeText } from './type-text.ts';
import { docsWords } from './words.ts';

/** The reference of the API, made from what the daemon says of itself: complete, and readable without the internet. */
export default function DocsPage() {
  const t = useWords(docsWords);
  useDocumentTitle(t.title);
  const query = useQuery(reference);
  return (
    <Box className={classes.page}>
      <Header />
      {query.data ? (
        <Contents reference={query.data} />
      ) : (
        <Box p="xl">
          {query.error ? <Failed error={query.error} retry={() => void query.refetch()} /> : <Waiting />}
        </Box>
      )}
    </Box>
  );
}

function Header() {
  const t = useWords(docsWords);
  const chosen = useLanguage();
  return (
    <Group component="header" className={classes.header} justify="space-between" wrap="nowrap">
      <Anchor component={Link} href="/" underline="never" c="inherit" aria-label={t.console}>
        <Brand />
      </Anchor>
      <Group gap="md" wrap="nowrap">
        <Anchor href="/api/v1/openapi.json" size="sm" visibleFrom="xs">
          {t.document}
        </Anchor>
        <SegmentedControl
          size="xs"
          aria-label={t.language}
          value={chosen}
          onChange={(next) => setLanguage(next as Language)}
          data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
        />
      </Group>
    </Group>
  );
}

function Contents({ reference: { operations, schemas, base, errorCodes } }: { readonly reference: Reference }) {
  const t = useWords(docsWords);
  const [text, setText] = useState('');
  const wanted = useDeferredValue(text.trim());
  const [open, setOpen] = useState<string[]>(() => [fragment()]);
  const found = wanted === '' ? operations : operations.filter((one) => fits(one, wanted));
  const byResource = [...Map.groupBy(found, (one) => one.resource)];
  return (
    <Box className={classes.columns}>
      <Box component="nav" className={classes.contents} aria-label={t.contents}>
        <SearchInput value={text} onChange={setText} placeholder={t.search} aria-label={t.search} mb="sm" />
        <NavLink py={6} href="#start" label={t.begin} />
        {byResource.map(([resource, list]) => (
          <NavLink
            key={resource}
            py={6}
            href={`#${resource}`}
            label={resource}
            rightSection={
              <Text size="xs" c="dimmed">
                {list.length}
              </Text>
            }
          />
        ))}
        <NavLink py={6} href="#types" label={t.types} />
      </Box>
      <Stack component="main" gap={48} miw={0}>
        {wanted === '' && (
          <Section id="start" title={t.title} text={t.lead} order={1}>
            <GettingStarted reference={{ operations, schemas, base, errorCodes }} />
          </Section>
        )}
        {found.length === 0 && <Text c="dimmed">{t.nothing}</Text>}
        {byResource.map(([resource, list]) => (
          <Section key={resource} id={resource} title={resource}>
            <Accordion multiple variant="separated" value={open} onChange={setOpen}>
              {list.map((one) => (
                <Call key={one.id} operation={one} base={base} open={open.includes(one.id)} />
              ))}
            </Accordion>
          </Section>
        ))}
        {wanted === '' && (
          <Section id="types" title={t.types} text={t.typesText}>
            {Object.entries(schemas).map(([name, schema]) => (
              <Box key={name} id={name}>
                <Text className="mono" fw={600} mb={4}>
                  {name}
                </Text>
                <CodeBlock text={typeText(schema)} />
              </Box>
            ))}
          </Section>
        )}
      </Stack>
    </Box>
  );
}

function Section(props: {
  readonly id: string;
  readonly title: string;
  readonly text?: string;
  readonly order?: 1 | 2;
  readonly children: ReactNode;
}) {
  return (
    <Stack component="section" id={props.id} gap="md" className={classes.section}>
      <Box>
        <Title order={props.order ?? 2}>{props.title}</Title>
        {props.text && (
          <Text c="dimmed" size="sm" mt={4}>
            {props.text}
          </Text>
        )}
      </Box>
      {props.children}
    </Stack>
  );
}

const COLOURS: Readonly<Record<string, string>> = { GET: 'blue', POST: 'teal', PATCH: 'orange', DELETE: 'red' };

function Call(props: { readonly operation: Operation; readonly base: string; readonly open: boolean }) {
  const { operation, base, open } = props;
  const t = useWords(docsWords);
  const { id, method, path, summary, needs } = operation;
  const right =
    needs === 'public'
      ? t.needsNobody
      : needs === 'self'
        ? t.needsAnybody
        : needs === 'machine'
          ? t.needsMachine
          : t.needs(needs);
  return (
    <Accordion.Item value={id} id={id} className={classes.section}>
      <Accordion.Control>
        <Group gap="sm" wrap="nowrap" align="flex-start">
          <Badge color={COLOURS[method] ?? 'gray'} variant="light" radius="sm" w={72} flex="none">
            {method}
          </Badge>
          <Box miw={0}>
            <Text className="mono" size="sm" style={{ overflowWrap: 'anywhere' }}>
              {path}
            </Text>
            <Text size="sm" c="dimmed">
              <WithCode text={summary} />
            </Text>
          </Box>
        </Group>
      </Accordion.Control>
      <Accordion.Panel>
        <Group gap="xs" mb="sm">
          <Text className="mono" size="xs" c="dimmed">
            {id}
          </Text>
          <Badge size="sm" variant="default">
            {right}
          </Badge>
        </Group>
        {open && <OperationDetails operation={operation} base={base} />}
      </Accordion.Panel>
    </Accordion.Item>
  );
}

/** A sentence in which what stands between backticks is code. */
function WithCode({ text }: { readonly text: string }) {
  return text.split('`').map((part, index) => {
    // what a part is follows from its place, and places do not change
    const key = `${index} ${part}`;
    return index % 2 === 1 ? <Code key={key}>{part}</Code> : <Fragment key={key}>{part}</Fragment>;
  });
}

import {
  ActionIcon,
  Anchor,
  Box,
  Center,
  Group,
  Menu,
  Paper,
  Stack,
  Text,
  Title,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { IconCheck, IconLanguage, IconMoon, IconSun } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Brand } from '../kit/brand.tsx';
import { useDocumentTitle } from '../kit/page.tsx';
import { LANGUAGES, type Language, setLanguage, useLanguage, useWords } from '../kit/words.ts';
import { loginWords } from './words.ts';

/** The one card in the middle that pages before the sign-in are. */
export function Frame(props: { readonly title: string; readonly text?: ReactNode; readonly children: ReactNode }) {
  const { title, text, children } = props;
  const t = useWords(loginWords);
  useDocumentTitle(title);
  return (
    <Box mih="100dvh" pos="relative" px="md">
      <Looks />
      <Center mih="100dvh" py={64}>
        <Stack w="100%" maw={400} gap="xl">
          <Center>
            <Brand size={34} />
          </Center>
          <Paper withBorder shadow="sm" radius="lg" p={{ base: 'lg', xs: 'xl' }}>
            <Stack gap="lg">
              <div>
                <Title order={1} fz="h2">
                  {title}
                </Title>
                {text && (
                  <Text size="sm" c="dimmed" mt={4} component="div">
                    {text}
                  </Text>
                )}
              </div>
              {children}
            </Stack>
          </Paper>
          <Center>
            <Anchor href="/docs/" size="sm" c="dimmed">
              {t.manual}
            </Anchor>
          </Center>
        </Stack>
      </Center>
    </Box>
  );
}

/** Language and colours, which nobody should have to sign in for. */
function Looks() {
  const t = useWords(loginWords);
  const language = useLanguage();
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme() === 'dark';
  const label = dark ? t.light : t.dark;
  return (
    <Group pos="absolute" top={16} right={16} gap={4}>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon size="lg" aria-label={t.language} title={t.language}>
            <IconLanguage size={19} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {Object.entries(LANGUAGES).map(([key, name]) => (
            <Menu.Item
              key={key}
              rightSection={language === key && <IconCheck size={14} />}
              onClick={() => setLanguage(key as Language)}
            >
              {name}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <ActionIcon size="lg" aria-label={label} title={label} onClick={() => setColorScheme(dark ? 'light' : 'dark')}>
        {dark ? <IconSun size={19} /> : <IconMoon size={19} />}
      </ActionIcon>
    </Group>
  );
}

import { Avatar, Menu, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import {
  IconApi,
  IconBook2,
  IconCheck,
  IconDeviceDesktop,
  IconLogout,
  IconMoon,
  IconSettings,
  IconSun,
  IconTerminal2,
  IconUserCircle,
} from '@tabler/icons-react';
import { Link, useLocation } from 'wouter';
import { api, queries } from './api.ts';
import { kitWords } from './kit-words.ts';
import { useMay, useMe } from './me.ts';
import { useTell } from './tell.tsx';
import { LANGUAGES, type Language, setLanguage, useLanguage, useWords } from './words.ts';

const SCHEMES = [
  ['light', IconSun],
  ['dark', IconMoon],
  ['auto', IconDeviceDesktop],
] as const;

/** Who is signed in, and everything about the whole of the pages: the other rooms, colours, language, signing out. */
export function UserMenu() {
  const t = useWords(kitWords);
  const me = useMe();
  const may = useMay();
  const language = useLanguage();
  const tell = useTell();
  const [, navigate] = useLocation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const names = { light: t.light, dark: t.dark, auto: t.system };
  const console = may('manage') || may('sessions.read');
  const signOut = async () => {
    try {
      await api.signIn.end();
      queries.clear();
      navigate('/login');
    } catch (error) {
      tell.failed(error);
    }
  };
  const check = <IconCheck size={14} />;
  return (
    <Menu position="bottom-end" width={230} shadow="md">
      <Menu.Target>
        <UnstyledButton aria-label={t.account(me.name)}>
          <Avatar name={me.displayName || me.name} color="initials" size={30} radius="xl" />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{me.displayName ? `${me.displayName} (${me.name})` : me.name}</Menu.Label>
        <Menu.Item component={Link} href="/luna" leftSection={<IconTerminal2 size={16} />}>
          {t.terminals}
        </Menu.Item>
        {console && (
          <Menu.Item component={Link} href="/admin" leftSection={<IconSettings size={16} />}>
            {t.admin}
          </Menu.Item>
        )}
        <Menu.Item component={Link} href="/profile" leftSection={<IconUserCircle size={16} />}>
          {t.profile}
        </Menu.Item>
        <Menu.Item component="a" href="/docs/" leftSection={<IconBook2 size={16} />}>
          {t.manual}
        </Menu.Item>
        <Menu.Item component={Link} href="/api/docs" leftSection={<IconApi size={16} />}>
          {t.docs}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t.appearance}</Menu.Label>
        {SCHEMES.map(([scheme, Glyph]) => (
          <Menu.Item
            key={scheme}
            leftSection={<Glyph size={16} />}
            rightSection={colorScheme === scheme && check}
            closeMenuOnClick={false}
            onClick={() => setColorScheme(scheme)}
          >
            {names[scheme]}
          </Menu.Item>
        ))}
        <Menu.Label>{t.language}</Menu.Label>
        {Object.entries(LANGUAGES).map(([key, name]) => (
          <Menu.Item
            key={key}
            rightSection={language === key && check}
            closeMenuOnClick={false}
            onClick={() => setLanguage(key as Language)}
          >
            {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>
          {t.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

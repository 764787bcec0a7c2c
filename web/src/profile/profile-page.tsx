import { Box, Group, NavLink, ScrollArea, Tabs } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import {
  IconBrowser,
  IconKey,
  IconLock,
  IconPalette,
  IconShieldLock,
  IconTicket,
  IconUserCircle,
} from '@tabler/icons-react';
import { Link, Redirect, useLocation, useParams } from 'wouter';
import { Brand } from '../kit/brand.tsx';
import { UserMenu } from '../kit/user-menu.tsx';
import { useWords } from '../kit/words.ts';
import { AccountSection } from './account-section.tsx';
import { AppearanceSection } from './appearance-section.tsx';
import { KeysSection } from './keys-section.tsx';
import { PasswordSection } from './password-section.tsx';
import { SignInsSection } from './sign-ins-section.tsx';
import { TokensSection } from './tokens-section.tsx';
import { TwoFactorSection } from './two-factor-section.tsx';
import { profileWords } from './words.ts';

const SECTIONS = [
  { path: 'account', name: 'account', icon: IconUserCircle, show: AccountSection },
  { path: 'password', name: 'password', icon: IconLock, show: PasswordSection },
  { path: 'keys', name: 'keys', icon: IconKey, show: KeysSection },
  { path: 'two-factor', name: 'twoFactor', icon: IconShieldLock, show: TwoFactorSection },
  { path: 'tokens', name: 'tokens', icon: IconTicket, show: TokensSection },
  { path: 'sign-ins', name: 'signIns', icon: IconBrowser, show: SignInsSection },
  { path: 'appearance', name: 'appearance', icon: IconPalette, show: AppearanceSection },
] as const;

const intoView = (tab: Element | null) => tab?.scrollIntoView({ inline: 'center', block: 'nearest' });

/** What people look after themselves, one section at a time. */
export default function ProfilePage() {
  const t = useWords(profileWords);
  const { section } = useParams<{ section?: string }>();
  const [, navigate] = useLocation();
  const narrow = useMediaQuery('(max-width: 48em)');
  const current = SECTIONS.find(({ path }) => path === (section ?? 'account'));
  if (!current) return <Redirect to="/profile" replace />;
  const Section = current.show;
  return (
    <Box mih="100dvh">
      <Group
        component="header"
        justify="space-between"
        h={56}
        px="lg"
        bg="var(--mantine-color-body)"
        style={{ borderBottom: '1px solid var(--mantine-color-default-border)' }}
      >
        <Link href="/luna" style={{ color: 'inherit', textDecoration: 'none' }}>
          <Brand />
        </Link>
        <UserMenu />
      </Group>
      {narrow && (
        <ScrollArea type="never">
          <Tabs value={current.path} onChange={(path) => navigate(`/profile/${path}`)} aria-label={t.sections}>
            <Tabs.List style={{ flexWrap: 'nowrap' }} px="sm">
              {SECTIONS.map(({ path, name, icon: Glyph }) => (
                <Tabs.Tab
                  key={path}
                  value={path}
                  leftSection={<Glyph size={16} />}
                  ref={path === current.path ? intoView : undefined}
                >
                  {t[name]}
                </Tabs.Tab>
              ))}
            </Tabs.List>
          </Tabs>
        </ScrollArea>
      )}
      <Group align="flex-start" gap={0} wrap="nowrap" maw={1120} mx="auto">
        {!narrow && (
          <Box component="nav" aria-label={t.sections} w={230} py="xl" pl="lg" style={{ flexShrink: 0 }}>
            {SECTIONS.map(({ path, name, icon: Glyph }) => (
              <NavLink
                key={path}
                component={Link}
                href={`/profile/${path}`}
                active={path === current.path}
                label={t[name]}
                leftSection={<Glyph size={18} stroke={1.7} />}
                style={{ borderRadius: 'var(--mantine-radius-md)' }}
              />
            ))}
          </Box>
        )}
        <Box component="main" flex={1} miw={0}>
          <Section />
        </Box>
      </Group>
    </Box>
  );
}

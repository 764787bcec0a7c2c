import { ActionIcon, AppShell, Burger, Button, Group, Kbd, ScrollArea, Text, Tooltip } from '@mantine/core';
import { useDisclosure, useHotkeys, useLocalStorage, useMediaQuery } from '@mantine/hooks';
import {
  IconLayoutSidebarLeftCollapse,
  IconLayoutSidebarLeftExpand,
  IconSearch,
  IconTerminal2,
} from '@tabler/icons-react';
import { useEffect } from 'react';
import { Link, useLocation } from 'wouter';
import { Brand } from '../kit/brand.tsx';
import { UserMenu } from '../kit/user-menu.tsx';
import { useWords } from '../kit/words.ts';
import classes from './admin-page.module.css';
import { adminWords } from './admin-words.ts';
import { Nav } from './nav.tsx';
import { Palette } from './palette/palette.tsx';
import { Sections } from './sections.tsx';

const MAC = /mac|iphone|ipad/i.test(navigator.userAgent);

/** The console: menu on the left, one section beside it. */
export default function AdminPage() {
  const t = useWords(adminWords);
  const [opened, menu] = useDisclosure(false);
  const [finding, find] = useDisclosure(false);
  const small = useMediaQuery('(max-width: 799px)', false, { getInitialValueInEffect: false });
  const tight = useMediaQuery('(max-width: 1023px)', false, { getInitialValueInEffect: false });
  // until somebody chooses: folded where the window is tight
  const [chosen, choose] = useLocalStorage<boolean | null>({
    key: 'bastion-admin-folded',
    defaultValue: null,
    getInitialValueInEffect: false,
  });
  const folded = !small && (chosen ?? tight);
  useHotkeys([['mod+K', find.open]], []);
  const [path] = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another section begins at its top
  useEffect(() => {
    // what led here may be gone with its page: the keyboard goes on in the new one, and not at the top of the window
    if (document.activeElement === document.body) document.getElementById('content')?.focus({ preventScroll: true });
    // browsers begin to answer with a promise, which is no way to clean up
    window.scrollTo(0, 0);
    document.activeElement?.closest('[data-row]')?.scrollIntoView({ block: 'nearest' });
  }, [path]);
  const foldWord = folded ? t.unfold : t.fold;
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: folded ? 60 : 224, breakpoint: 800, collapsed: { mobile: !opened } }}
      transitionDuration={0}
    >
      <a href="#content" className={classes.skip}>
        {t.skip}
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" gap="md" wrap="nowrap">
          <Burger
            opened={opened}
            onClick={menu.toggle}
            size="sm"
            display={small ? undefined : 'none'}
            aria-label={opened ? t.closeMenu : t.openMenu}
          />
          <Link href="/admin" className={classes.brand} aria-label={t.console}>
            <Brand size={22} name={!small} />
          </Link>
          <Button
            variant="default"
            className={classes.find}
            classNames={{ label: classes.findWord }}
            justify="space-between"
            leftSection={<IconSearch size={15} />}
            rightSection={!small && <Kbd size="xs">{MAC ? '⌘ K' : 'Ctrl K'}</Kbd>}
            aria-label={t.find}
            onClick={find.open}
          >
            <Text size="sm" c="dimmed" truncate>
              {small ? t.findShort : t.find}
            </Text>
          </Button>
          <Group gap="xs" ml="auto" wrap="nowrap">
            <Tooltip label={t.terminals}>
              <ActionIcon component={Link} href="/luna" size="lg" aria-label={t.terminals}>
                <IconTerminal2 size={19} stroke={1.7} />
              </ActionIcon>
            </Tooltip>
            <UserMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar>
        <AppShell.Section grow component={ScrollArea} type="scroll" scrollbarSize={6} p="xs">
          <Nav folded={folded} onPick={menu.close} />
        </AppShell.Section>
        {!small && (
          <AppShell.Section p="xs" className={classes.foot}>
            <Tooltip label={foldWord} position="right">
              <ActionIcon aria-label={foldWord} aria-expanded={!folded} onClick={() => choose(!folded)}>
                {folded ? <IconLayoutSidebarLeftExpand size={18} /> : <IconLayoutSidebarLeftCollapse size={18} />}
              </ActionIcon>
            </Tooltip>
          </AppShell.Section>
        )}
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} className={classes.main}>
        <Sections />
      </AppShell.Main>
      <Palette opened={finding} close={find.close} />
    </AppShell>
  );
}

import { Alert, Button, Group, Loader, Paper, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconPlugConnected, IconPlugConnectedX } from '@tabler/icons-react';
import { useState } from 'react';
import { kitWords } from '../kit/kit-words.ts';
import { useSaid } from '../kit/said/said.ts';
import { useWords } from '../kit/words.ts';
import { useClosing } from './closing.tsx';
import classes from './panes.module.css';
import type { Shell, ShellView } from './shell.ts';
import { words } from './words.ts';

interface Props {
  readonly shell: Shell;
  readonly view: ShellView;
}

/** What lies over a terminal while there is no connection behind it. */
export function PaneState(props: Props) {
  const t = useWords(words);
  const said = useSaid();
  const { phase, progress, refused, wish } = props.view;
  switch (phase) {
    case 'starting':
    case 'connecting':
      return (
        <div className={classes.over} role="status">
          <Group gap="sm">
            <Loader size="xs" />
            <Text size="sm">{progress === null ? t.connectingTo(wish.asset) : said(progress)}</Text>
          </Group>
        </div>
      );
    case 'asking':
      return (
        <div className={classes.over}>
          <AskLogin {...props} />
        </div>
      );
    case 'cut':
      return (
        <Alert
          className={classes.banner}
          color="yellow"
          icon={<IconPlugConnectedX size={18} />}
          role="status"
          py={6}
          title={t.cutTitle}
        >
          <Group justify="space-between" gap="xs">
            <Text size="sm">{refused ? t.cutRefused : t.cutText}</Text>
            <Button size="compact-xs" variant="default" onClick={() => props.shell.retryNow()}>
              {t.retryNow}
            </Button>
          </Group>
        </Alert>
      );
    case 'ended':
      return <Ended {...props} />;
    default:
      return null;
  }
}

/** Why it ended, in the person's language where the cause is one we know. */
export function useEndText(): (view: ShellView) => string {
  const t = useWords(words);
  const said = useSaid();
  return ({ end, wish }) => {
    if (!end) return '';
    if (end.cause === 'lost') return t.lost;
    if (end.code === 'choose') return t.chooseAgain;
    const known = t.cause(end.cause, end.detail);
    if (known) return known;
    if (end.text) return said(end.text);
    if (end.exitSignal) return t.exitSignal(end.exitSignal);
    return end.exitCode ? t.exitCode(end.exitCode) : t.left(wish.asset);
  };
}

function Ended({ shell, view }: Props) {
  const t = useWords(words);
  const kit = useWords(kitWords);
  const text = useEndText();
  const close = useClosing();
  const bad = view.end?.cause !== 'target-closed' || Boolean(view.end.exitCode);
  return (
    <Alert
      className={classes.banner}
      color={bad ? 'red' : 'gray'}
      icon={bad ? <IconAlertTriangle size={18} /> : <IconPlugConnectedX size={18} />}
      role="alert"
      py={8}
      data-cause={view.end?.cause}
      title={view.session === null ? t.notConnected : t.sessionEnded}
    >
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {text(view)}
      </Text>
      <Group gap="xs" mt={8}>
        <Button
          size="compact-sm"
          leftSection={<IconPlugConnected size={15} />}
          onClick={() => {
            void shell.connect();
            shell.focus();
          }}
        >
          {t.reconnectEnter}
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => close.pane(shell.id)}>
          {kit.close}
        </Button>
      </Group>
    </Alert>
  );
}

function AskLogin({ shell, view }: Props) {
  const t = useWords(words);
  const [login, setLogin] = useState(view.login ?? '');
  const [secret, setSecret] = useState('');
  return (
    <Paper withBorder p="md" w={320} maw="92%" shadow="sm">
      <form
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          void shell.connect({ login, secret });
          shell.focus();
        }}
      >
        <Stack gap="sm">
          <Text fw={600}>{t.signInTo(view.wish.asset)}</Text>
          <Text size="xs" c="dimmed">
            {t.signInText}
          </Text>
          <TextInput
            label={t.login}
            required
            readOnly={view.login !== null}
            autoFocus={view.login === null}
            value={login}
            onChange={(event) => setLogin(event.currentTarget.value)}
          />
          <PasswordInput
            label={t.secret}
            required
            autoComplete="off"
            autoFocus={view.login !== null}
            value={secret}
            onChange={(event) => setSecret(event.currentTarget.value)}
          />
          <Button type="submit">{t.connect}</Button>
        </Stack>
      </form>
    </Paper>
  );
}

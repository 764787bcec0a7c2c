import { Button, Center, Loader, Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPlugOff } from '@tabler/icons-react';
import { useEffect } from 'react';
import { kitWords } from './kit-words.ts';
import { Empty } from './states.tsx';
import { useWords } from './words.ts';

/** In place of what is fetched once the bastion is back. `room`: it takes the whole window, with a way back. */
export function Offline({ room = false }: { readonly room?: boolean }) {
  const t = useWords(kitWords);
  return (
    <Center mih={room ? '100vh' : 240} role="status">
      <Empty
        icon={IconPlugOff}
        title={t.offlineTitle}
        text={t.offlineText}
        action={
          <Stack align="center">
            <Loader type="dots" size="sm" />
            {room && history.length > 1 && (
              <Button variant="default" onClick={() => history.back()}>
                {t.back}
              </Button>
            )}
          </Stack>
        }
      />
    </Center>
  );
}

/** The same in the corner, for what has no place in the page. */
export function OfflineNotice() {
  const t = useWords(kitWords);
  useEffect(() => {
    const id = crypto.randomUUID();
    notifications.show({ id, loading: true, autoClose: false, title: t.offlineTitle, message: t.offlineText });
    return () => {
      notifications.hide(id);
    };
  }, [t]);
  return null;
}

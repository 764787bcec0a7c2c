import { Button, Center } from '@mantine/core';
import { IconCompassOff } from '@tabler/icons-react';
import { Link } from 'wouter';
import { kitWords } from './kit-words.ts';
import { Empty } from './states.tsx';
import { useWords } from './words.ts';

export function NotFound() {
  const t = useWords(kitWords);
  return (
    <Center mih="60vh">
      <Empty
        icon={IconCompassOff}
        title={t.notFoundTitle}
        text={t.notFoundText}
        action={
          <Button component={Link} href="/luna">
            {t.home}
          </Button>
        }
      />
    </Center>
  );
}

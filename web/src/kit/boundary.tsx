import { Button, Center } from '@mantine/core';
import { IconMoodSad } from '@tabler/icons-react';
import { Component, type ReactNode } from 'react';
import { kitWords } from './kit-words.ts';
import { Empty } from './states.tsx';
import { useWords } from './words.ts';

/**
 * Keeps a fault of one part of the page from taking all of it. Most often it is a part that could not be fetched,
 * because the bastion has been replaced by another version since the page was opened: loading it again helps.
 */
export class Boundary extends Component<{ readonly children: ReactNode }, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? <Broken /> : this.props.children;
  }
}

function Broken() {
  const t = useWords(kitWords);
  return (
    <Center mih="60vh">
      <Empty
        icon={IconMoodSad}
        title={t.brokenTitle}
        text={t.brokenText}
        action={<Button onClick={() => location.reload()}>{t.loadAgain}</Button>}
      />
    </Center>
  );
}

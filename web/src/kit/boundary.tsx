import { Button, Center } from '@mantine/core';
import { IconMoodSad } from '@tabler/icons-react';
import { Component, type ReactNode } from 'react';
import { answers } from './answers.ts';
import { kitWords } from './kit-words.ts';
import { Empty } from './states.tsx';
import { useTell } from './tell.tsx';
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
  const tell = useTell();
  // loaded while the bastion is away, the browser's own page of errors would take the place of everything
  const loadAgain = async () => {
    if (await answers()) location.reload();
    else tell.failed(new Error(t.offline));
  };
  return (
    <Center mih="60vh">
      <Empty
        icon={IconMoodSad}
        title={t.brokenTitle}
        text={t.brokenText}
        action={<Button onClick={() => void loadAgain()}>{t.loadAgain}</Button>}
      />
    </Center>
  );
}

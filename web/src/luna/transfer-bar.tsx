import { Alert, Button, FileButton, Group, Progress, Text } from '@mantine/core';
import { IconDownload, IconUpload } from '@tabler/icons-react';
import { bytesText } from '../kit/format.ts';
import { kitWords } from '../kit/kit-words.ts';
import { useWords } from '../kit/words.ts';
import classes from './panes.module.css';
import type { Shell } from './shell.ts';
import type { TransferView } from './transfer.ts';
import { transferWords } from './transfer-words.ts';

/** What goes on with files in the stream of a terminal: asked, under way, over. */
export function TransferBar({ shell, transfer }: { readonly shell: Shell; readonly transfer: TransferView }) {
  const t = useWords(transferWords);
  const kit = useWords(kitWords);
  const { kind, state, name, done, size, files, skipped, why } = transfer;
  const receive = kind === 'receive';
  const running = state === 'running';
  const title = {
    offer: receive ? t.offerReceive : t.offerSend,
    running: receive ? t.receiving : t.sending,
    done: receive ? t.received(files) : t.sent(files),
    failed: why === null ? '' : t.failed(why),
  }[state];
  const dismiss = () => {
    shell.view.patch({ transfer: null });
    shell.focus();
  };
  return (
    <Alert
      className={classes.banner}
      color={state === 'failed' ? 'red' : 'blue'}
      icon={receive ? <IconDownload size={18} /> : <IconUpload size={18} />}
      role="status"
      py={8}
      title={title}
    >
      {running && (
        <>
          <Text size="sm" truncate>
            {name} {size > 0 && `${bytesText(done)} / ${bytesText(size)}`}
          </Text>
          <Progress value={size > 0 ? Math.min(100, (done / size) * 100) : 100} size="sm" my={6} aria-label={title} />
        </>
      )}
      {skipped.length > 0 && <Text size="sm">{t.skipped(skipped.join(', '))}</Text>}
      <Group gap="xs" mt={6}>
        {state === 'offer' && receive && (
          <Button size="compact-sm" onClick={() => void shell.transfer?.accept()}>
            {t.receive}
          </Button>
        )}
        {state === 'offer' && !receive && (
          <FileButton multiple onChange={(chosen) => chosen.length > 0 && void shell.transfer?.accept(chosen)}>
            {(props) => (
              <Button size="compact-sm" {...props}>
                {t.choose}
              </Button>
            )}
          </FileButton>
        )}
        {state === 'offer' || running ? (
          <Button size="compact-sm" variant="default" onClick={() => void shell.transfer?.cancel()}>
            {kit.cancel}
          </Button>
        ) : (
          <Button size="compact-sm" variant="default" onClick={dismiss}>
            {kit.close}
          </Button>
        )}
      </Group>
    </Alert>
  );
}

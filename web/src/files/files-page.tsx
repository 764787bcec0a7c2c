import { Box } from '@mantine/core';
import { NotFound } from '../kit/not-found.tsx';
import { useDocumentTitle } from '../kit/page.tsx';
import { useUrlState } from '../kit/url-state.ts';
import { useWords } from '../kit/words.ts';
import type { Protocol } from './connection.ts';
import { FilesPanel } from './files-drawer.tsx';
import { filesWords } from './words.ts';

/** `/files?asset=web1&account=root`: the files of an asset in a window of their own. */
export default function FilesPage() {
  const t = useWords(filesWords);
  const [get] = useUrlState();
  const asset = get('asset');
  useDocumentTitle(asset === undefined ? t.title : `${asset} · ${t.title}`);
  if (asset === undefined) return <NotFound />;
  return (
    <Box h="100dvh">
      <FilesPanel asset={asset} account={get('account')} protocol={get('protocol') as Protocol | undefined} />
    </Box>
  );
}

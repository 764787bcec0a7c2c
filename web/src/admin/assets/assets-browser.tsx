import { Button } from '@mantine/core';
import { IconFileImport, IconPlus } from '@tabler/icons-react';
import { useCallback } from 'react';
import { Link } from 'wouter';
import { Page } from '../../kit/page.tsx';
import { useUrlState } from '../../kit/url-state.ts';
import { useWords } from '../../kit/words.ts';
import classes from './assets-browser.module.css';
import { AssetsList } from './assets-list.tsx';
import { FolderTree } from './folder-tree.tsx';
import { NewAsset } from './new-asset.tsx';
import { assetWords } from './words.ts';

/** Folders on the left, what is in them on the right. */
export function AssetsBrowser() {
  const t = useWords(assetWords);
  const [get, set] = useUrlState();
  const folder = get('folder');
  const select = useCallback((path: string | undefined) => set({ folder: path }), [set]);
  const add = () => set({ new: '1' });
  return (
    <Page
      title={t.title}
      description={t.description}
      actions={
        <>
          <Button component={Link} href="/admin/import" variant="default" leftSection={<IconFileImport size={16} />}>
            {t.importCsv}
          </Button>
          <Button leftSection={<IconPlus size={16} />} onClick={add}>
            {t.add}
          </Button>
        </>
      }
    >
      <div className={classes.split}>
        <div className={classes.tree}>
          <FolderTree selected={folder} onSelect={select} />
        </div>
        <AssetsList folder={folder} onAdd={add} />
      </div>
      <NewAsset opened={get('new') !== undefined} close={() => set({ new: undefined })} folder={folder ?? '/'} />
    </Page>
  );
}

import { Box, Menu, Text } from '@mantine/core';
import {
  IconCopy,
  IconDownload,
  IconEye,
  IconEyeOff,
  IconFileUpload,
  IconFolderOpen,
  IconFolderPlus,
  IconFolderUp,
  IconPencil,
  IconRefresh,
  IconTrash,
} from '@tabler/icons-react';
import { type DragEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { FileEntry } from '../../../src/api/contract/files.ts';
import { ApiError } from '../kit/api.ts';
import { bytesText } from '../kit/format.ts';
import { Empty, Failed, Waiting } from '../kit/states.tsx';
import { useWords } from '../kit/words.ts';
import type { Connection } from './connection.ts';
import { useDeeds } from './deeds.ts';
import { chosenIn, droppedIn } from './dropped.ts';
import { FileList } from './file-list.tsx';
import classes from './files.module.css';
import { isFolder, type Sort, useListing } from './listing.ts';
import { MayButton } from './may-button.tsx';
import { joined, parentOf, shownName } from './names.ts';
import { NewFolder } from './new-folder.tsx';
import { PathBar } from './path-bar.tsx';
import { useSelection } from './selection.ts';
import { TextEditor } from './text-editor.tsx';
import { UploadList } from './upload-list.tsx';
import { filesWords } from './words.ts';

/** The folders of a target, and everything that can be done with what is in them. */
export function FileBrowser({ connection, lost }: { readonly connection: Connection; readonly lost: () => void }) {
  const t = useWords(filesWords);
  const [path, setPath] = useState(connection.place.home);
  const [sort, setSort] = useState<Sort>({ by: 'name', down: false });
  const listing = useListing(connection, path, sort);
  const { entries, hidden, unseen } = listing;
  const selection = useSelection(entries);
  const deeds = useDeeds(connection, path, listing.refresh);
  const { uploads, missing } = deeds;
  const [renaming, setRenaming] = useState<string>();
  const [editing, setEditing] = useState<FileEntry>();
  const [naming, setNaming] = useState(false);
  const [dragging, setDragging] = useState(0);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);

  // the target knows the path without links and dots
  const real = listing.isPlaceholderData ? undefined : listing.data?.path;
  useEffect(() => {
    if (real !== undefined) setPath(real);
  }, [real]);

  const go = (to: string) => {
    selection.clear();
    setRenaming(undefined);
    setPath(to);
  };
  const open = (entry: FileEntry) => {
    if (isFolder(entry)) go(joined(path, entry.name));
    else if (missing('download') === undefined) setEditing(entry);
  };
  const remove = (some: readonly FileEntry[]) => deeds.remove(some, selection.clear);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setDragging(0);
    if (missing('upload') === undefined) deeds.send(droppedIn(event.dataTransfer));
    else deeds.refused('upload');
  };
  const key = (event: KeyboardEvent) => {
    const { selected, active } = selection;
    const one = entries.find(({ name }) => name === active);
    if (event.altKey) return;
    const all = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a';
    if (all) selection.all();
    else if (event.key === 'Enter' && one) open(one);
    else if (event.key === 'F2' && one && missing('rename') === undefined) setRenaming(one.name);
    else if (event.key === 'Delete' && selected.length > 0 && missing('delete') === undefined) remove(selected);
    else if (event.key === 'Backspace') go(parentOf(path));
    else if (event.key === 'Escape') selection.clear();
    else return;
    event.preventDefault();
  };
  const menu = (entry: FileEntry) => (
    <>
      <Menu.Item
        leftSection={<IconFolderOpen size={15} />}
        disabled={!isFolder(entry) && missing('download') !== undefined}
        onClick={() => open(entry)}
      >
        {t.edit}
      </Menu.Item>
      {!isFolder(entry) && (
        <Menu.Item
          leftSection={<IconDownload size={15} />}
          disabled={missing('download') !== undefined}
          onClick={() => deeds.download([entry])}
        >
          {t.download}
        </Menu.Item>
      )}
      <Menu.Item
        leftSection={<IconPencil size={15} />}
        disabled={missing('rename') !== undefined}
        onClick={() => setRenaming(entry.name)}
      >
        {t.rename}
      </Menu.Item>
      <Menu.Item leftSection={<IconCopy size={15} />} onClick={() => deeds.copyPath(entry)}>
        {t.copyPath}
      </Menu.Item>
      <Menu.Item
        color="red"
        leftSection={<IconTrash size={15} />}
        disabled={missing('delete') !== undefined}
        onClick={() => remove([entry])}
      >
        {t.remove}
      </Menu.Item>
    </>
  );
  const { selected } = selection;
  const bytes = selected.reduce((sum, entry) => sum + (isFolder(entry) ? 0 : (entry.size ?? 0)), 0);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a place to drop files on; the buttons do the same
    <div
      className={classes.browser}
      onDragEnter={(event) => event.dataTransfer.types.includes('Files') && setDragging((n) => n + 1)}
      onDragLeave={(event) => event.dataTransfer.types.includes('Files') && setDragging((n) => Math.max(0, n - 1))}
      onDragOver={(event) => event.preventDefault()}
      onDrop={drop}
    >
      <div className={classes.bar}>
        <PathBar path={path} home={connection.place.home} go={go} />
        <MayButton icon={IconRefresh} label={t.refresh} onClick={() => void listing.refresh()} />
        <MayButton
          icon={hidden ? IconEyeOff : IconEye}
          label={hidden ? t.hideHidden : t.showHidden}
          onClick={listing.toggleHidden}
        />
        <MayButton
          icon={IconFileUpload}
          label={`${t.upload}: ${t.uploadFiles}`}
          missing={missing('upload')}
          onClick={() => files.current?.click()}
        />
        <MayButton
          icon={IconFolderUp}
          label={`${t.upload}: ${t.uploadFolder}`}
          missing={missing('upload')}
          onClick={() => folder.current?.click()}
        />
        <MayButton
          icon={IconFolderPlus}
          label={t.newFolder}
          missing={missing('upload')}
          onClick={() => setNaming(true)}
        />
        <MayButton
          icon={IconDownload}
          label={t.download}
          missing={missing('download')}
          disabled={selected.length === 0}
          onClick={() => deeds.download(selected)}
        />
        <MayButton
          icon={IconTrash}
          label={t.remove}
          missing={missing('delete')}
          disabled={selected.length === 0}
          onClick={() => remove(selected)}
        />
      </div>
      {listing.error ? (
        <Box p="md" flex={1}>
          <Failed error={listing.error} retry={isOver(listing.error) ? lost : () => void listing.refresh()} />
        </Box>
      ) : listing.data ? (
        <FileList
          entries={entries}
          selection={selection}
          sort={sort}
          onSort={setSort}
          onOpen={open}
          onKey={key}
          renaming={renaming}
          onRenamed={(entry, name) => {
            setRenaming(undefined);
            if (name !== undefined)
              void deeds.rename(entry, name).then(
                () => selection.only(name),
                () => {},
              );
          }}
          menu={menu}
          empty={
            <Empty
              icon={IconFolderOpen}
              title={t.emptyTitle}
              text={unseen > 0 ? t.hiddenOnly(unseen) : missing('upload') === undefined ? t.emptyText : t.emptyReadOnly}
            />
          }
        />
      ) : (
        <Waiting />
      )}
      <UploadList uploads={uploads} />
      <div className={classes.status} role="status">
        {selected.length > 0 ? t.selected(selected.length, bytesText(bytes)) : t.count(entries.length)}
        {unseen > 0 && ` · ${t.hiddenOnly(unseen)}`}
        {listing.data?.truncated && ` · ${t.truncated(entries.length)}`}
      </div>
      {dragging > 0 && missing('upload') === undefined && (
        <div className={classes.drop}>
          <Text fw={600}>{t.dropHere(shownName(path))}</Text>
        </div>
      )}
      <input
        ref={files}
        type="file"
        multiple
        hidden
        data-testid="upload-files"
        onChange={({ currentTarget }) => {
          if (currentTarget.files) deeds.send(Promise.resolve(chosenIn(currentTarget.files)));
          currentTarget.value = '';
        }}
      />
      <input
        ref={folder}
        type="file"
        multiple
        hidden
        {...{ webkitdirectory: '' }}
        data-testid="upload-folder"
        onChange={({ currentTarget }) => {
          if (currentTarget.files) deeds.send(Promise.resolve(chosenIn(currentTarget.files)));
          currentTarget.value = '';
        }}
      />
      {naming && <NewFolder make={deeds.makeFolder} onClose={() => setNaming(false)} />}
      {editing && (
        <TextEditor
          connection={connection}
          path={joined(path, editing.name)}
          name={editing.name}
          mayWrite={missing('upload') === undefined}
          onClose={() => setEditing(undefined)}
          onSaved={() => void listing.refresh()}
        />
      )}
    </div>
  );
}

/** Whether only opening the files anew may help. */
const isOver = (error: unknown) =>
  error instanceof ApiError && !['not_found', 'forbidden', 'invalid', 'target_refused'].includes(error.code);

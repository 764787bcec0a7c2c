import { Box, Drawer } from '@mantine/core';
import { useEffect } from 'react';
import { Boundary } from '../kit/boundary.tsx';
import { fetched } from '../kit/fetched.tsx';
import { whenIdle } from '../kit/idle.ts';
import { Waiting } from '../kit/states.tsx';
import { useWords } from '../kit/words.ts';
import { Edge } from './edge.tsx';
import { filesOf } from './opened.ts';
import { remember, remembered } from './remembered.ts';
import { useStore } from './store.ts';
import { toolWords } from './tool-words.ts';
import classes from './tools.module.css';
import { focusedShell } from './workspace.ts';

const FilesPanel = fetched(
  async () => ({ default: (await import('../files/files-drawer.tsx')).FilesPanel }),
  <Waiting />,
);

/** The files beside the terminals; over them where the window is narrow. */
export function FilesSide({ narrow }: { readonly narrow: boolean }) {
  const t = useWords(toolWords);
  const of = useStore(filesOf);
  const { filesWidth } = useStore(remembered);
  useEffect(() => whenIdle([FilesPanel]), []);
  if (!of) return null;
  const close = () => {
    filesOf.set(undefined);
    focusedShell()?.focus();
  };
  const panel = (
    <Boundary key={`${of.asset}/${of.account}`}>
      <FilesPanel {...of} onClose={close} />
    </Boundary>
  );
  if (narrow)
    return (
      <Drawer
        opened
        onClose={close}
        position="right"
        size="100%"
        padding={0}
        withCloseButton={false}
        styles={{ body: { height: '100%' } }}
      >
        {panel}
      </Drawer>
    );
  return (
    <>
      <Edge
        label={t.filesEdge}
        width={filesWidth}
        min={320}
        max={900}
        from="right"
        onChange={(width, done) => (done ? remember({ filesWidth: width }) : remembered.patch({ filesWidth: width }))}
      />
      <Box w={filesWidth} maw="60%" className={classes.filesPanel}>
        {panel}
      </Box>
    </>
  );
}

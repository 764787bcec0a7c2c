import { Modal, ScrollArea, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import classes from './finder.module.css';

/** Something that typing finds. Those of a group stand beside each other. */
export interface Found {
  readonly key: string;
  readonly group: string;
  readonly icon: ReactNode;
  readonly name: string;
  readonly hint?: string | undefined;
}

/** A window in which one goes anywhere by typing: a field that keeps the keyboard, and below it what was found. */
export function FinderWindow(props: {
  readonly opened: boolean;
  readonly label: string;
  readonly onClose: () => void;
  readonly returnFocus?: boolean;
  readonly children: ReactNode;
}) {
  const { opened, label, onClose, returnFocus = true, children } = props;
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      withCloseButton={false}
      padding={0}
      size="lg"
      centered={false}
      yOffset="12vh"
      aria-label={label}
      returnFocus={returnFocus}
      transitionProps={{ duration: 0 }}
    >
      {children}
    </Modal>
  );
}

export function Finder<H extends Found>(props: {
  readonly label: string;
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly hits: readonly H[];
  /** Said where nothing was found; left out while something may still come. */
  readonly nothing?: string | undefined;
  readonly beside?: ReactNode;
  readonly foot?: ReactNode;
  readonly onChoose: (hit: H) => void;
}) {
  const { label, text, hits, nothing, onChoose } = props;
  const [at, setAt] = useState(0);
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  // at once: what is typed right after the shortcut belongs here
  useLayoutEffect(() => field.current?.focus(), []);
  const index = Math.min(at, hits.length - 1);
  useEffect(() => {
    list.current?.querySelector(`[id="${id}${index}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [id, index]);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const hit = hits[index];
    if (step !== 0 && hits.length > 0) {
      event.preventDefault();
      setAt((index + step + hits.length) % hits.length);
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      if (hit) onChoose(hit);
    }
  };
  return (
    <>
      <TextInput
        ref={field}
        data-autofocus
        variant="unstyled"
        size="md"
        px="xs"
        placeholder={label}
        leftSection={<IconSearch size={17} />}
        rightSection={props.beside}
        rightSectionWidth={48}
        value={text}
        onChange={(event) => {
          props.onText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
        role="combobox"
        aria-label={label}
        aria-expanded
        aria-controls={`${id}list`}
        aria-activedescendant={hits.length > 0 ? `${id}${index}` : undefined}
      />
      <ScrollArea.Autosize mah="50vh" className={classes.body} viewportRef={list}>
        <div role="listbox" id={`${id}list`} aria-label={label} className={classes.list}>
          {hits.map((hit, i) => (
            <div key={hit.key}>
              {hit.group !== hits[i - 1]?.group && (
                <div className={classes.group} role="presentation">
                  {hit.group}
                </div>
              )}
              {/* biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's, which keeps the focus */}
              <div
                id={`${id}${i}`}
                role="option"
                tabIndex={-1}
                aria-selected={i === index}
                className={classes.hit}
                onMouseMove={() => setAt(i)}
                onClick={() => onChoose(hit)}
              >
                {hit.icon}
                <Text size="sm" truncate>
                  {hit.name}
                </Text>
                <Text size="xs" c="dimmed" truncate flex={1} ta="right">
                  {hit.hint}
                </Text>
              </div>
            </div>
          ))}
        </div>
        {hits.length === 0 && nothing !== undefined && (
          <Text size="sm" c="dimmed" ta="center" py="lg">
            {nothing}
          </Text>
        )}
      </ScrollArea.Autosize>
      {props.foot}
    </>
  );
}

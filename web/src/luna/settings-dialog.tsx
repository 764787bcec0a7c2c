import {
  Button,
  Group,
  Modal,
  NumberInput,
  SegmentedControl,
  Select,
  SimpleGrid,
  Slider,
  Stack,
  Switch,
  Text,
  UnstyledButton,
  useComputedColorScheme,
} from '@mantine/core';
import type { ReactNode } from 'react';
import { useWords } from '../kit/words.ts';
import { PALETTES, type Palette, paletteOf } from './palettes.ts';
import { useTerminalSettings } from './preferences.ts';
import {
  DEFAULTS,
  FONT_SIZES,
  FONTS,
  fontFamily,
  LINE_HEIGHTS,
  SCROLLBACK,
  type TerminalSettings,
} from './settings.ts';
import { settingsWords } from './settings-words.ts';
import classes from './tools.module.css';
import { focusedShell } from './workspace.ts';

/** How terminals look and behave. What is chosen shows in the open ones at once. */
export function SettingsDialog({ onClose }: { readonly onClose: () => void }) {
  const t = useWords(settingsWords);
  const { settings, change } = useTerminalSettings();
  const dark = useComputedColorScheme('light') === 'dark';
  const close = () => {
    onClose();
    focusedShell()?.focus();
  };
  return (
    <Modal opened onClose={close} size="xl" title={<Text fw={600}>{t.title}</Text>} returnFocus={false}>
      <Stack gap="lg">
        <Preview settings={settings} dark={dark} />
        <div>
          <Text size="sm" fw={500} mb={6}>
            {t.colours}
          </Text>
          <SimpleGrid cols={{ base: 2, xs: 3, sm: 4 }} spacing={8} role="radiogroup" aria-label={t.colours}>
            <Swatch
              palette={paletteOf('auto', dark)}
              name={t.auto}
              chosen={settings.palette === 'auto'}
              onChoose={() => change({ palette: 'auto' })}
            />
            {PALETTES.map((palette) => (
              <Swatch
                key={palette.id}
                palette={palette}
                name={palette.name}
                chosen={settings.palette === palette.id}
                onChoose={() => change({ palette: palette.id })}
              />
            ))}
          </SimpleGrid>
        </div>
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
          <Select
            label={t.font}
            description={t.fontHint}
            allowDeselect={false}
            data={FONTS.map((font) => ({ value: font, label: font === 'system' ? t.systemFont : font }))}
            value={settings.font}
            onChange={(font) => font !== null && change({ font })}
          />
          <NumberInput
            label={t.scrollback}
            description={t.scrollbackHint}
            {...SCROLLBACK}
            step={1000}
            clampBehavior="blur"
            value={settings.scrollback}
            onChange={(value) => typeof value === 'number' && change({ scrollback: value })}
          />
          <Slide
            label={t.fontSize(settings.fontSize)}
            {...FONT_SIZES}
            step={1}
            value={settings.fontSize}
            onChange={(fontSize) => change({ fontSize })}
          />
          <Slide
            label={t.lineHeight(settings.lineHeight)}
            {...LINE_HEIGHTS}
            step={0.05}
            value={settings.lineHeight}
            onChange={(value) => change({ lineHeight: Math.round(value * 100) / 100 })}
          />
          <Choice
            label={t.cursor}
            data={[
              { value: 'block', label: t.block },
              { value: 'bar', label: t.bar },
              { value: 'underline', label: t.underline },
            ]}
            value={settings.cursor}
            onChange={(cursor) => change({ cursor: cursor as TerminalSettings['cursor'] })}
          />
          <Choice
            label={t.bell}
            data={[
              { value: 'none', label: t.bellNone },
              { value: 'visual', label: t.bellVisual },
              { value: 'sound', label: t.bellSound },
            ]}
            value={settings.bell}
            onChange={(bell) => change({ bell: bell as TerminalSettings['bell'] })}
          />
          <Choice
            label={t.rightClick}
            data={[
              { value: 'menu', label: t.rightMenu },
              { value: 'paste', label: t.rightPaste },
            ]}
            value={settings.rightClick}
            onChange={(rightClick) => change({ rightClick: rightClick as TerminalSettings['rightClick'] })}
          />
          <Switch
            label={t.blink}
            checked={settings.blink}
            onChange={(e) => change({ blink: e.currentTarget.checked })}
          />
        </SimpleGrid>
        <Stack gap="xs">
          <Switch
            label={t.copyOnSelect}
            checked={settings.copyOnSelect}
            onChange={(event) => change({ copyOnSelect: event.currentTarget.checked })}
          />
          <Switch
            label={t.askPaste}
            checked={settings.askPaste}
            onChange={(event) => change({ askPaste: event.currentTarget.checked })}
          />
          <Switch
            label={t.clipboardByProgram}
            description={t.clipboardHint}
            checked={settings.clipboardByProgram}
            onChange={(event) => change({ clipboardByProgram: event.currentTarget.checked })}
          />
          <Switch
            label={t.closeByKey}
            description={t.closeByKeyHint}
            checked={settings.closeByKey}
            onChange={(event) => change({ closeByKey: event.currentTarget.checked })}
          />
        </Stack>
        <Group justify="space-between">
          <Text size="xs" c="dimmed">
            {t.kept}
          </Text>
          <Button variant="subtle" color="gray" size="xs" onClick={() => change(DEFAULTS)}>
            {t.reset}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Swatch(props: {
  readonly palette: Palette;
  readonly name: string;
  readonly chosen: boolean;
  readonly onChoose: () => void;
}) {
  const { theme } = props.palette;
  return (
    <UnstyledButton
      role="radio"
      aria-checked={props.chosen}
      className={classes.swatch}
      data-chosen={props.chosen || undefined}
      style={{ background: theme.background, color: theme.foreground }}
      onClick={props.onChoose}
    >
      <span className={classes.swatchName}>{props.name}</span>
      <span className={classes.swatchDots}>
        {[theme.red, theme.green, theme.yellow, theme.blue, theme.magenta, theme.cyan].map((colour) => (
          <i key={colour} style={{ background: colour }} />
        ))}
      </span>
    </UnstyledButton>
  );
}

/** A few lines as a terminal would show them. */
function Preview({ settings, dark }: { readonly settings: TerminalSettings; readonly dark: boolean }) {
  const { theme } = paletteOf(settings.palette, dark);
  const dye = (color: string | undefined, text: string): ReactNode => <span style={{ color }}>{text}</span>;
  const cursor =
    settings.cursor === 'block'
      ? { background: theme.cursor }
      : settings.cursor === 'bar'
        ? { borderLeft: `2px solid ${theme.cursor}` }
        : { borderBottom: `2px solid ${theme.cursor}` };
  return (
    <pre
      className={classes.sample}
      aria-hidden="true"
      style={{
        background: theme.background,
        color: theme.foreground,
        fontFamily: fontFamily(settings.font),
        fontSize: settings.fontSize,
        lineHeight: settings.lineHeight,
      }}
    >
      {dye(theme.green, 'root@web1')}:{dye(theme.blue, '~')}# git status{'\n'}
      {dye(theme.red, 'modified:  README.md')} {dye(theme.yellow, 'warning')} {dye(theme.magenta, 'main')}{' '}
      {dye(theme.cyan, '中文')}
      {'\n'}
      <span style={{ background: theme.selectionBackground }}>0O 1lI {'{}[]()'} =&gt; != &amp;&amp;</span>{' '}
      <span style={{ ...cursor, display: 'inline-block', width: '0.6em' }}>&nbsp;</span>
    </pre>
  );
}

function Slide(props: {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly value: number;
  readonly onChange: (value: number) => void;
}) {
  const { label, ...rest } = props;
  return (
    <div>
      <Text size="sm" fw={500} mb={6}>
        {label}
      </Text>
      <Slider label={null} thumbLabel={label} {...rest} />
    </div>
  );
}

function Choice(props: {
  readonly label: string;
  readonly data: { value: string; label: string }[];
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  return (
    <div>
      <Text size="sm" fw={500} mb={6}>
        {props.label}
      </Text>
      <SegmentedControl
        size="xs"
        fullWidth
        aria-label={props.label}
        data={props.data}
        value={props.value}
        onChange={props.onChange}
      />
    </div>
  );
}

import {
  type CSSVariablesResolver,
  createTheme,
  localStorageColorSchemeManager,
  type MantineColorsTuple,
} from '@mantine/core';

/** Slate: cooler than Mantine's own greys, quiet behind data. */
const dark: MantineColorsTuple = [
  '#d5d9e2',
  '#b4bac7',
  '#8f97a8',
  '#6c7486',
  '#3f4758',
  '#2c3342',
  '#20262f',
  '#181d25',
  '#12161c',
  '#0d1015',
];

export const colorScheme = localStorageColorSchemeManager({ key: 'bastion-color-scheme' });

/** The looks of every page. Spacing, radii and type come from here and nowhere else. */
export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 6, dark: 5 },
  defaultRadius: 'md',
  colors: { dark },
  fontFamily:
    'Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei", "WenQuanYi Micro Hei", sans-serif',
  fontFamilyMonospace:
    'ui-monospace, "JetBrains Mono", "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", "WenQuanYi Micro Hei Mono", monospace',
  headings: {
    fontWeight: '600',
    sizes: { h1: { fontSize: '1.5rem' }, h2: { fontSize: '1.2rem' }, h3: { fontSize: '1rem' } },
  },
  cursorType: 'pointer',
  components: {
    Button: { defaultProps: { size: 'sm' } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
    Tooltip: { defaultProps: { openDelay: 400, withArrow: true } },
    Modal: {
      defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.4, blur: 2 } },
      styles: { title: { fontWeight: 600 } },
    },
    Drawer: { styles: { title: { fontWeight: 600 } } },
    Table: { defaultProps: { verticalSpacing: 'xs', highlightOnHover: true } },
    Badge: {
      defaultProps: { variant: 'light', radius: 'sm' },
      styles: { label: { textTransform: 'none', fontWeight: 500 } },
    },
    TextInput: { defaultProps: { autoComplete: 'off' } },
  },
});

/** Tints behind text: a breath of the colour, so that what is marked stands out and does not shout. */
export const variables: CSSVariablesResolver = ({ colors }) => {
  const tints = (name: string, share: number) => ({
    [`--mantine-color-${name}-light`]: `color-mix(in srgb, var(--mantine-color-${name}-6) ${share}%, transparent)`,
    [`--mantine-color-${name}-light-hover`]: `color-mix(in srgb, var(--mantine-color-${name}-6) ${share + 6}%, transparent)`,
  });
  const names = Object.keys(colors).filter((name) => name !== 'dark');
  return {
    variables: {},
    light: Object.assign({}, ...names.map((name) => tints(name, 12))),
    dark: Object.assign(
      {},
      ...names.map((name) => ({
        ...tints(name, 20),
        [`--mantine-color-${name}-light-color`]: `var(--mantine-color-${name}-3)`,
      })),
    ),
  };
};

import type { ITheme } from '@xterm/xterm';

export interface Palette {
  readonly id: string;
  readonly name: string;
  readonly dark: boolean;
  readonly theme: ITheme;
}

const ANSI = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;

/** `base`: background, foreground, cursor, selection. `colours`: the eight, then the eight bright ones. */
function palette(id: string, name: string, dark: boolean, base: string, colours: string): Palette {
  const [background, foreground, cursor, selectionBackground] = base.split(' ').map((hex) => `#${hex}`);
  const all = colours.split(' ').map((hex) => `#${hex}`);
  const theme: Record<string, string> = {
    background: background!,
    foreground: foreground!,
    cursor: cursor!,
    cursorAccent: background!,
    selectionBackground: selectionBackground!,
  };
  for (const [i, colour] of ANSI.entries()) {
    theme[colour] = all[i]!;
    theme[`bright${colour[0]!.toUpperCase()}${colour.slice(1)}`] = all[i + 8]!;
  }
  return { id, name, dark, theme };
}

/** Well-known colours of terminals. The first dark and the first light one are what `auto` means. */
export const PALETTES: readonly Palette[] = [
  palette(
    'bastion-dark',
    'Bastion',
    true,
    '12161c d5d9e2 8ea2ff 33405c',
    '20262f f07178 8bd49c e6c07b 7aa2f7 c099ff 6fd3d8 b4bac7 6c7486 ff8b92 a5e8b4 f3d59a 9dbbff d6b8ff 93e6ea f0f2f6',
  ),
  palette(
    'bastion-light',
    'Bastion Light',
    false,
    'ffffff 20262f 4263eb ccd7ff',
    '20262f c92a2a 2b7a3a 9a6700 1f5bd8 8a3ab9 0b7285 8f97a8 6c7486 e03131 2f9e44 b08800 3b74f0 a84fd6 1098ad 3f4758',
  ),
  palette(
    'dracula',
    'Dracula',
    true,
    '282a36 f8f8f2 f8f8f2 44475a',
    '21222c ff5555 50fa7b f1fa8c bd93f9 ff79c6 8be9fd f8f8f2 6272a4 ff6e6e 69ff94 ffffa5 d6acff ff92df a4ffff ffffff',
  ),
  palette(
    'nord',
    'Nord',
    true,
    '2e3440 d8dee9 d8dee9 434c5e',
    '3b4252 bf616a a3be8c ebcb8b 81a1c1 b48ead 88c0d0 e5e9f0 4c566a bf616a a3be8c ebcb8b 81a1c1 b48ead 8fbcbb eceff4',
  ),
  palette(
    'one-dark',
    'One Dark',
    true,
    '282c34 abb2bf 528bff 3e4451',
    '3f4451 e06c75 98c379 e5c07b 61afef c678dd 56b6c2 d7dae0 4f5666 ff616e a5e075 f0a45d 4dc4ff de73ff 4cd1e0 e6e6e6',
  ),
  palette(
    'one-light',
    'One Light',
    false,
    'fafafa 383a42 526fff d6d9e4',
    '383a42 e45649 50a14f c18401 4078f2 a626a4 0184bc a0a1a7 4f525e e06c75 98c379 e5c07b 61afef c678dd 56b6c2 696c77',
  ),
  palette(
    'solarized-dark',
    'Solarized Dark',
    true,
    '002b36 839496 93a1a1 0d4654',
    '073642 dc322f 859900 b58900 268bd2 d33682 2aa198 eee8d5 586e75 cb4b16 93a1a1 657b83 839496 6c71c4 93a1a1 fdf6e3',
  ),
  palette(
    'solarized-light',
    'Solarized Light',
    false,
    'fdf6e3 586e75 586e75 e3dcc5',
    '073642 dc322f 859900 b58900 268bd2 d33682 2aa198 93a1a1 586e75 cb4b16 657b83 586e75 839496 6c71c4 657b83 002b36',
  ),
  palette(
    'gruvbox-dark',
    'Gruvbox Dark',
    true,
    '282828 ebdbb2 ebdbb2 504945',
    '282828 cc241d 98971a d79921 458588 b16286 689d6a a89984 928374 fb4934 b8bb26 fabd2f 83a598 d3869b 8ec07c ebdbb2',
  ),
  palette(
    'gruvbox-light',
    'Gruvbox Light',
    false,
    'fbf1c7 3c3836 3c3836 ebdbb2',
    '3c3836 cc241d 79740e b57614 458588 8f3f71 427b58 7c6f64 928374 9d0006 98971a d79921 076678 b16286 689d6a 504945',
  ),
  palette(
    'tokyo-night',
    'Tokyo Night',
    true,
    '1a1b26 c0caf5 c0caf5 283457',
    '15161e f7768e 9ece6a e0af68 7aa2f7 bb9af7 7dcfff a9b1d6 414868 f7768e 9ece6a e0af68 7aa2f7 bb9af7 7dcfff c0caf5',
  ),
  palette(
    'catppuccin-mocha',
    'Catppuccin Mocha',
    true,
    '1e1e2e cdd6f4 f5e0dc 45475a',
    '45475a f38ba8 a6e3a1 f9e2af 89b4fa f5c2e7 94e2d5 bac2de 585b70 f38ba8 a6e3a1 f9e2af 89b4fa f5c2e7 94e2d5 a6adc8',
  ),
  palette(
    'catppuccin-latte',
    'Catppuccin Latte',
    false,
    'eff1f5 4c4f69 dc8a78 ccd0da',
    '5c5f77 d20f39 40a02b df8e1d 1e66f5 ea76cb 179299 acb0be 6c6f85 d20f39 40a02b df8e1d 1e66f5 ea76cb 179299 8c8fa1',
  ),
  palette(
    'github-light',
    'GitHub Light',
    false,
    'ffffff 24292f 0969da b6d7ff',
    '24292f cf222e 116329 6f4400 0969da 8250df 1b7c83 6e7781 57606a a40e26 1a7f37 633c01 218bff a475f9 3192aa 8c959f',
  ),
  palette(
    'monokai',
    'Monokai',
    true,
    '272822 f8f8f2 f8f8f0 49483e',
    '272822 f92672 a6e22e f4bf75 66d9ef ae81ff a1efe4 f8f8f2 75715e f92672 a6e22e f4bf75 66d9ef ae81ff a1efe4 f9f8f5',
  ),
  palette(
    'contrast',
    'High Contrast',
    true,
    '000000 ffffff ffff00 264f78',
    '000000 ff4d4d 4dff4d ffff4d 6699ff ff66ff 4dffff e6e6e6 808080 ff8080 80ff80 ffff80 99bbff ff99ff 80ffff ffffff',
  ),
];

/** The colours of this name; `auto`, and names that are gone, follow the page. */
export function paletteOf(id: string, dark: boolean): Palette {
  return PALETTES.find((one) => one.id === id) ?? PALETTES.find((one) => one.dark === dark)!;
}

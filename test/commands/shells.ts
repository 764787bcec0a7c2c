import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../kit/process.ts';

/** A program that asks for lines, as the corpus starts it in a home directory of its own. */
export interface Shell {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Files of the home directory; the first is the start file to which a case adds its `rc`. */
  readonly files?: Readonly<Record<string, string>>;
  /** Needs the corpus's database server; its socket is `$SOCKET`. */
  readonly database?: boolean;
}

const DEVICE = join(import.meta.dirname, 'device.ts');

const BASH: Shell = {
  argv: ['bash', '--rcfile', '.bashrc', '-i'],
  env: { TMUX_TMPDIR: '.', SCREENDIR: '.screens' },
  files: {
    '.bashrc': `PS1='alice@web1:\\w$ '\nHISTFILE=~/.bash_history\nshopt -s checkwinsize\n`,
    '.inputrc': 'set bell-style none\n',
    '.tmux.conf': [
      'set -g default-command "exec bash --rcfile ~/.bashrc -i"',
      'set -g default-terminal screen-256color',
      'set -g status-interval 0',
      'set -g status-right ""',
      'set -sg escape-time 10',
      '',
    ].join('\n'),
    '.screenrc': 'startup_message off\nshell bash\nmaptimeout 10\n',
  },
};

const ZSH: Shell = {
  argv: ['zsh', '-i'],
  env: { ZDOTDIR: '.' },
  files: {
    '.zshrc': [
      "PROMPT='alice@web1:%~$ '",
      'HISTFILE=~/.zsh_history HISTSIZE=1000 SAVEHIST=1000',
      'bindkey -e',
      'unsetopt beep',
      'autoload -Uz compinit && compinit -u -D',
      '',
    ].join('\n'),
  },
};

export const SHELLS: Readonly<Record<string, Shell>> = {
  bash: BASH,
  zsh: ZSH,
  'zsh-autosuggestions': {
    ...ZSH,
    files: {
      '.zshrc': `${ZSH.files!['.zshrc']}source /usr/share/zsh-autosuggestions/zsh-autosuggestions.zsh\n`,
    },
  },
  fish: {
    argv: ['fish', '-i'],
    files: {
      '.config/fish/config.fish': [
        'set -g fish_greeting',
        'function fish_prompt; echo -n "alice@web1 "(prompt_pwd)"> "; end',
        '',
      ].join('\n'),
      // else the first start reads every manual page of the machine
      '.local/share/fish/generated_completions/none': '',
    },
  },
  dash: {
    argv: ['dash', '-i'],
    env: { ENV: '.dashrc' },
    files: { '.dashrc': "PS1='web1$ '\nPS2='> '\n" },
  },
  python: { argv: ['/usr/bin/python3', '-q'], files: { '.pythonrc': '' }, env: { PYTHONSTARTUP: '.pythonrc' } },
  mariadb: {
    argv: ['sh', '-c', 'exec mariadb --no-defaults --socket="$SOCKET"'],
    database: true,
  },
  sqlite: { argv: ['sqlite3'], files: { '.sqliterc': '' } },
  device: { argv: [process.execPath, DEVICE] },
};

/** The shell as one line for /bin/sh, which leaves nothing of our own environment. */
export function commandLine(shell: Shell, home: string, env: Readonly<Record<string, string>>): string {
  const all = {
    PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
    USER: 'alice',
    HOME: home,
    // these want whole paths
    ...Object.fromEntries(Object.entries(shell.env ?? {}).map(([name, value]) => [name, join(home, value)])),
    ...env,
  };
  const settings = Object.entries(all).map(([name, value]) => `${name}=${value}`);
  return `cd ${quoted(home)} && exec env -i ${[...settings, ...shell.argv].map(quoted).join(' ')}`;
}

/** Ends servers that a case left behind in this home. */
export async function endServers(home: string): Promise<void> {
  const names = readdirSync(home);
  if (names.some((name) => name.startsWith('tmux-')))
    await run('tmux', ['kill-server'], { env: { ...process.env, TMUX_TMPDIR: home } });
  if (!names.includes('.screens')) return;
  for (const socket of readdirSync(join(home, '.screens'))) {
    await run('screen', ['-S', socket, '-X', 'quit'], { env: { ...process.env, SCREENDIR: join(home, '.screens') } });
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

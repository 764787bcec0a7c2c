import type { ClientChannel } from 'ssh2';
import { PTY } from './channels.ts';
import { FORCED } from './credentials.ts';
import type { Door } from './entries.ts';
import type { LiveUse } from './live.ts';
import { type Outcome, type Scratch, touched, up } from './outcome.ts';

const PATIENCE_MS = 20_000;

/** What a terminal shows, without the sequences that place it. */
class Shown {
  readonly channel: ClientChannel;
  text = '';
  code: number | null = null;
  readonly closed: Promise<void>;
  #wake: () => void = () => {};

  constructor(channel: ClientChannel) {
    this.channel = channel;
    channel.on('data', (chunk: Buffer) => {
      this.text += chunk.toString('latin1').replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '');
      this.#wake();
    });
    channel.on('exit', (code: number | null) => {
      this.code = code;
    });
    this.closed = new Promise((resolve) =>
      channel.on('close', () => {
        this.#wake();
        resolve();
      }),
    );
    void this.closed.then(() => {
      this.over = true;
    });
  }

  over = false;

  /** Waits until what came since is like this; false when the channel closed before. */
  async shows(wanted: RegExp, since = 0): Promise<boolean> {
    const late = Date.now() + PATIENCE_MS;
    while (!wanted.test(this.text.slice(since))) {
      if (this.over || Date.now() > late) return false;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 200);
      });
    }
    return true;
  }

  type(text: string): number {
    const since = this.text.length;
    this.channel.write(text);
    return since;
  }
}

async function openMenu(door: Door): Promise<Shown | Outcome> {
  const shown = await new Promise<Shown | Error>((resolve) =>
    door.client.shell({ ...PTY, cols: 200, rows: 50 }, (error, channel) => resolve(error ?? new Shown(channel))),
  );
  if (shown instanceof Error) return { effect: false, refusal: shown.message };
  if (await shown.shows(/\d+ assets?/)) return shown;
  return {
    effect: false,
    refusal: /bastion: [^\r\n]*/.exec(shown.text)?.[0] ?? 'no menu',
    seen: shown.text.slice(-300),
  };
}

const PICKED =
  /\$ |No asset matches|bastion: |No permission|None of your|open to you|switched off|withdrawn|the command of/;

/** Picks the door's asset and waits for its shell, or the refusal. */
async function pick(door: Door): Promise<{ shown: Shown; since: number } | Outcome> {
  const shown = await openMenu(door);
  if (!(shown instanceof Shown)) return shown;
  const since = shown.type(`${door.place.name}\r`);
  const answered = await shown.shows(PICKED, since);
  const text = shown.text.slice(since);
  if (text.includes(FORCED)) {
    shown.channel.close();
    return { effect: false, forced: true };
  }
  if (answered && /\$ $/.test(text)) return { shown, since };
  shown.channel.close();
  const refusal = PICKED.exec(text)?.[0];
  return { effect: false, refusal, seen: text.slice(-300) };
}

export async function menuShell(door: Door, scratch: Scratch): Promise<Outcome> {
  const picked = await pick(door);
  if (!('shown' in picked)) return picked;
  const { shown } = picked;
  const since = shown.type(`touch ${up(scratch)}; exit\r`);
  await shown.shows(/\d+ assets?/, since);
  shown.channel.close();
  return { effect: touched(scratch), seen: shown.text.slice(-300) };
}

export async function menuLive(door: Door): Promise<LiveUse | Outcome> {
  const picked = await pick(door);
  if (!('shown' in picked)) return picked;
  const { shown } = picked;
  const since = shown.text.length;
  return {
    async over() {
      // the session ends and the menu is there again
      if (!(await shown.shows(/\d+ assets?|No asset is open/, since))) throw new Error('the menu did not come back');
      shown.channel.close();
    },
  };
}

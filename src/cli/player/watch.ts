import type { WatchEvent } from '../../api/contract/sessions.ts';
import { AppError } from '../../kernel/errors.ts';
import { type CliIo, Interrupted } from '../io.ts';
import { openRawTerminal } from './raw-terminal.ts';
import { Screen } from './screen.ts';
import { Viewer } from './viewer.ts';

export type WatchEnd =
  | { readonly kind: 'left' }
  | { readonly kind: 'ended'; readonly cause: string; readonly detail: string | null };

/**
 * Shows a live session on the viewer's terminal until it ends or the viewer leaves with `q`. The terminal is put
 * back in every case. `title` names the session in the status line; `stop` ends the events.
 */
export async function watchSession(
  io: CliIo,
  events: AsyncIterable<WatchEvent>,
  options: { title: string; stop: () => void },
): Promise<WatchEnd> {
  const source = events[Symbol.asyncIterator]();
  // the terminal is touched only when there is something to show: errors come out plainly
  const first = await source.next();
  if (first.done) throw new AppError('internal', 'The daemon ended the connection before the screen came; try again.');
  if (first.value.kind === 'ended') return first.value;

  const terminal = openRawTerminal(io);
  const screen = new Screen(80, 24);
  const viewer = new Viewer(io, screen);
  try {
    let leaving: 'left' | NodeJS.Signals | undefined;
    let wake = () => {};
    const leave = (how: 'left' | NodeJS.Signals) => {
      leaving ??= how;
      wake();
    };
    terminal.onKey((key) => {
      if (key === 'q' || key === 'Q' || key === 'ctrl-c') leave('left');
    });
    terminal.onStop(leave);
    terminal.onResize(() => viewer.resized());
    viewer.status(`watching ${options.title} · q leaves`);
    /** The next event, or undefined as soon as the viewer leaves. */
    const next = () =>
      new Promise<IteratorResult<WatchEvent> | undefined>((resolve, reject) => {
        wake = () => resolve(undefined);
        if (leaving) wake();
        else source.next().then(resolve, reject);
      });

    let told = false;
    for (let step: IteratorResult<WatchEvent> | undefined = first; ; step = await next()) {
      if (leaving === 'left') return { kind: 'left' };
      if (leaving) throw new Interrupted(leaving);
      if (!step || step.done)
        throw new AppError('internal', 'The connection to the daemon was lost; the session may go on.');
      const event = step.value;
      if (event.kind === 'ended') return event;
      await show(event, screen, viewer);
      viewer.changed();
      if (!told && viewer.cut) {
        told = true;
        viewer.say(
          `this terminal is smaller than the session's ${screen.cols}x${screen.rows}: part of it is not shown`,
        );
      }
    }
  } finally {
    viewer.close();
    terminal.close();
    screen.dispose();
    options.stop();
  }
}

async function show(event: Exclude<WatchEvent, { kind: 'ended' }>, screen: Screen, viewer: Viewer): Promise<void> {
  switch (event.kind) {
    case 'snapshot':
      screen.resize(event.cols, event.rows);
      // a snapshot draws a whole screen: what stood here before must not shine through
      await screen.write('\x1bc');
      return screen.write(Buffer.from(event.data, 'base64'));
    case 'output':
      return screen.write(Buffer.from(event.data, 'base64'));
    case 'resize':
      return screen.resize(event.cols, event.rows);
    case 'notice':
      return viewer.say(event.text);
  }
}

/** What is used of @xterm/headless beyond its declared interface; the version is pinned. */
interface Core {
  registerCsiHandler(id: { final: string }, handler: (parameters: { params: Int32Array }) => boolean): unknown;
}

interface Terminal {
  readonly cols: number;
  readonly rows: number;
  readonly parser: { registerOscHandler(id: number, handler: () => boolean): unknown };
}

/** Palette and colours of the terminal (with their resets) and hyperlinks: no cell looks different for them. */
const WITHOUT_EFFECT = [4, 8, 10, 11, 12, 104, 110, 111, 112];

/**
 * Bounds what a few bytes of hostile output cost @xterm/headless. Sequences that it carries out step by step, as often
 * as they say, are done no more often than has an effect; those whose lists it takes apart in quadratic time, and which
 * show nowhere, are left out. Without it a sequence of a dozen bytes keeps the thread busy for minutes.
 */
export function boundTerminal(terminal: Terminal): void {
  const core = (terminal as unknown as { _core: Core })._core;
  for (const final of 'LMSTIZb') {
    core.registerCsiHandler({ final }, ({ params }) => {
      const most = 'LMST'.includes(final) ? terminal.rows : terminal.cols;
      params[0] = Math.min(params[0] ?? 0, most);
      return false;
    });
  }
  for (const id of WITHOUT_EFFECT) terminal.parser.registerOscHandler(id, () => true);
}

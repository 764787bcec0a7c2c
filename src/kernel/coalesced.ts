/** Runs the task again after a change, one run at a time; changes during a run lead to one more. */
export function coalesced(task: () => Promise<void>): () => void {
  let running = false;
  let again = false;
  return () => {
    again = true;
    if (running) return;
    running = true;
    void (async () => {
      while (again) {
        again = false;
        await task();
      }
      running = false;
    })();
  };
}

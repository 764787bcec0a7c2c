/** Whether the bastion answers. What stands before it answers for it while it is down, but not that it is well. */
export async function answers(): Promise<boolean> {
  try {
    return (await fetch('/healthz', { cache: 'no-store' })).ok;
  } catch {
    return false;
  }
}

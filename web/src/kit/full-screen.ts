/** Shows this alone on the whole screen, or, when something is shown so, no longer. */
export function toggleFullScreen(element: HTMLElement | null): void {
  if (document.fullscreenElement) void document.exitFullscreen();
  // refused where the browser allows none; then it stays as it is
  else element?.requestFullscreen().catch(() => {});
}

/** What is being dragged over the tree. A browser tells a drop target only its type before it is dropped, so it is kept here. */
export type Carried =
  | { readonly kind: 'assets'; readonly assets: readonly { readonly name: string; readonly folder: string }[] }
  | { readonly kind: 'folder'; readonly path: string };

let carried: Carried | undefined;

export function carry(what: Carried, transfer: DataTransfer, label: string): void {
  carried = what;
  transfer.effectAllowed = 'move';
  // without data of some kind nothing is dragged in some browsers
  transfer.setData('text/plain', label);
}

export function letGo(): Carried | undefined {
  const what = carried;
  carried = undefined;
  return what;
}

/** Whether what is dragged would change anything by being dropped on this folder. */
export function fits(path: string): boolean {
  if (!carried) return false;
  if (carried.kind === 'assets') return carried.assets.some((asset) => asset.folder !== path);
  return `${parentOf(carried.path)}` !== path && path !== carried.path && !path.startsWith(`${carried.path}/`);
}

/** `/` of `/prod`, `/prod` of `/prod/web`. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/** `web` of `/prod/web`. */
export function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function below(path: string, name: string): string {
  return path === '/' ? `/${name}` : `${path}/${name}`;
}

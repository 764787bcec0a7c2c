/** A file of this computer with its path below what was dropped or chosen: `photos/2026/a.jpg`. */
export interface Chosen {
  readonly file: File;
  readonly path: string;
}

export interface Drop {
  readonly files: Chosen[];
  /** Folders, parents first; empty ones too. */
  readonly folders: string[];
}

/** What was dropped, whole folders with everything in them. Must be called at once: the event forgets what it brought. */
export async function droppedIn(data: DataTransfer): Promise<Drop> {
  const roots = [...data.items].filter(({ kind }) => kind === 'file').map((item) => item.webkitGetAsEntry());
  const plain = [...data.files];
  const drop: Drop = { files: [], folders: [] };
  if (roots.every((entry) => entry === null))
    return { files: plain.map((file) => ({ file, path: file.name })), folders: [] };
  const waiting: { readonly entry: FileSystemEntry; readonly path: string }[] = [];
  for (const entry of roots) if (entry) waiting.push({ entry, path: entry.name });
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const { entry, path } = next;
    if (entry.isFile) drop.files.push({ file: await fileOf(entry as FileSystemFileEntry), path });
    else {
      drop.folders.push(path);
      for (const child of await childrenOf(entry as FileSystemDirectoryEntry))
        waiting.push({ entry: child, path: `${path}/${child.name}` });
    }
  }
  return drop;
}

/** What was chosen with an `<input type=file>`; with `webkitdirectory` it has paths. */
export function chosenIn(list: FileList): Drop {
  const files = [...list].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
  const folders = new Set<string>();
  for (const { path } of files) {
    const steps = path.split('/').slice(0, -1);
    for (const [at] of steps.entries()) folders.add(steps.slice(0, at + 1).join('/'));
  }
  return { files, folders: [...folders].sort() };
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/** A reader gives only so many at a time. */
async function childrenOf(entry: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = entry.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
  }
}

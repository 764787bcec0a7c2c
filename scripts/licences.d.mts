export function permissive(expression: string): boolean;
export function packageFolders(files: readonly string[]): string[];
export function describePackage(folder: string): {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly text: string;
};

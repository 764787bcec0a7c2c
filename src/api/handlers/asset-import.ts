import { AppError } from '../../kernel/errors.ts';
import { type AssetId, newId } from '../../kernel/id.ts';
import { PROTOCOL_PORTS } from '../../store/model.ts';
import { nameKey } from '../../store/name-key.ts';
import type { NewAsset } from '../../store/store.ts';
import { importedAsset, type NewAssetValues } from '../contract/assets.ts';
import { issuesText } from '../validate.ts';
import { type AssetContext, checkAsset } from './asset-values.ts';

interface Row {
  readonly line: number;
  readonly asset: Readonly<Record<string, unknown>>;
}

interface Judged {
  readonly line: number;
  readonly id: AssetId;
  readonly values: NewAssetValues;
}

const MAX_REPORTED = 100;

/**
 * Turns rows into new assets. Rows may go through assets of the same import.
 * @throws AppError `invalid` when any row is wrong, with `details.rows` as `{ line, message }`.
 */
export function judgeImport(rows: readonly Row[], context: AssetContext): NewAsset[] {
  const wrong: { line: number; message: string }[] = [];
  const judged: Judged[] = [];
  const lineOf = new Map<string, number>();
  for (const { line, asset } of rows) {
    const parsed = importedAsset.safeParse(asset);
    if (!parsed.success) {
      wrong.push({ line, message: issuesText(parsed.error) });
      continue;
    }
    const name = nameKey(parsed.data.name);
    const twin = lineOf.get(name);
    if (twin !== undefined) wrong.push({ line, message: `name: stands in line ${twin} already` });
    else if (context.byName.has(name)) wrong.push({ line, message: 'name: there is an asset of this name already' });
    else judged.push({ line, id: newId<AssetId>(), values: parsed.data });
    lineOf.set(name, line);
  }

  const together = withNewOnes(judged, context);
  const assets: NewAsset[] = [];
  for (const { line, id, values } of judged) {
    try {
      const { protocols, platform, viaId } = checkAsset(values, id, together);
      const { via: _via, ...rest } = values;
      assets.push({ ...rest, id, protocols: protocols!, platform: platform!, viaId: viaId ?? null });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      wrong.push({ line, message: error.message });
    }
  }
  if (wrong.length > 0) throw refusal(wrong);
  return assets;
}

/** The assets there are and those of the import, so that a row can go through another. */
function withNewOnes(judged: readonly Judged[], context: AssetContext): AssetContext {
  const ids = new Map(judged.map(({ id, values }) => [nameKey(values.name), id]));
  const idOf = (via: string | null) =>
    via === null ? null : (ids.get(nameKey(via)) ?? context.byName.get(nameKey(via))?.id ?? null);
  const fresh = judged.map(({ id, values }) => {
    const protocols = values.protocols.map(({ name, port }) => ({ name, port: port ?? PROTOCOL_PORTS[name] }));
    return { id, name: values.name, protocols, viaId: idOf(values.via) };
  });
  return {
    ...context,
    byName: new Map([...context.byName, ...fresh.map((asset) => [nameKey(asset.name), asset] as const)]),
    byId: new Map([...context.byId, ...fresh.map((asset) => [asset.id as string, asset] as const)]),
  };
}

function refusal(wrong: { line: number; message: string }[]): AppError {
  wrong.sort((a, b) => a.line - b.line);
  const rows = wrong.length === 1 ? '1 row is' : `${wrong.length} rows are`;
  return new AppError('invalid', `Nothing was imported: ${rows} wrong. Correct them and import again.`, {
    details: { rows: wrong.slice(0, MAX_REPORTED), wrong: wrong.length },
  });
}

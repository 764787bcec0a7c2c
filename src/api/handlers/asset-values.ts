import iconv from 'iconv-lite';
import { AppError } from '../../kernel/errors.ts';
import type { AssetId } from '../../kernel/id.ts';
import { type Asset, type Platform, PROTOCOL_PORTS, type Protocol, type ProtocolPort } from '../../store/model.ts';
import { nameKey } from '../../store/name-key.ts';
import { quoted } from './find.ts';

export type KnownAsset = Pick<Asset, 'id' | 'name' | 'protocols' | 'viaId'>;

/** What the values of an asset are judged against. */
export interface AssetContext {
  readonly platforms: readonly Platform[];
  readonly byName: ReadonlyMap<string, KnownAsset>;
  readonly byId: ReadonlyMap<string, KnownAsset>;
  /** Whether protocol `local` may be used: a shell on the bastion itself, for the demo only. */
  readonly localTargets: boolean;
}

export function assetContext(
  platforms: readonly Platform[],
  assets: readonly KnownAsset[],
  localTargets: boolean,
): AssetContext {
  return {
    platforms,
    byName: new Map(assets.map((asset) => [nameKey(asset.name), asset])),
    byId: new Map(assets.map((asset) => [asset.id, asset])),
    localTargets,
  };
}

interface Values {
  readonly protocols?: readonly { readonly name: Protocol; readonly port?: number | undefined }[] | undefined;
  readonly platform?: string | undefined;
  readonly charset?: string | null | undefined;
  readonly via?: string | null | undefined;
}

export interface Checked {
  readonly protocols: readonly ProtocolPort[] | undefined;
  readonly platform: string | undefined;
  readonly viaId: AssetId | null | undefined;
}

/**
 * Judges the fields that name other things and fills in default ports; a field that is undefined stays undefined.
 * @throws AppError `invalid` or `not_found` with what to write instead.
 */
export function checkAsset(values: Values, id: AssetId, context: AssetContext): Checked {
  if (values.charset && !iconv.encodingExists(values.charset)) {
    throw new AppError(
      'invalid',
      `There is no character set ${quoted(values.charset)}. Examples: GBK, GB18030, ISO-8859-1.`,
    );
  }
  return {
    protocols: values.protocols && checkProtocols(values.protocols, context.localTargets),
    platform: values.platform === undefined ? undefined : checkPlatform(values.platform, context.platforms),
    viaId: values.via === undefined || values.via === null ? values.via : checkVia(values.via, id, context),
  };
}

function checkProtocols(protocols: NonNullable<Values['protocols']>, localTargets: boolean): ProtocolPort[] {
  const names = protocols.map((protocol) => protocol.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice)
    throw new AppError('invalid', `Protocol ${twice} is named twice: an asset has one port for each protocol.`);
  if (names.includes('local') && !localTargets) {
    throw new AppError(
      'invalid',
      'Protocol local is a shell on the bastion itself and exists only under "bastion serve --demo".',
    );
  }
  return protocols.map(({ name, port }) => {
    if (port === 0 && name !== 'local') throw new AppError('invalid', `Protocol ${name} needs a port from 1 to 65535.`);
    return { name, port: port ?? PROTOCOL_PORTS[name] };
  });
}

function checkPlatform(name: string, platforms: readonly Platform[]): string {
  const found = platforms.find((platform) => platform.name.toLowerCase() === name.toLowerCase());
  if (!found) {
    const known = platforms.map((platform) => platform.name).join(', ');
    throw new AppError('not_found', `There is no platform ${quoted(name)}. There are: ${known}.`);
  }
  return found.name;
}

function checkVia(name: string, id: AssetId, { byName, byId }: AssetContext): AssetId {
  const via = byName.get(nameKey(name)) ?? byId.get(name);
  if (!via) throw new AppError('not_found', `There is no asset ${quoted(name)} to go through. See: bastion asset list`);
  if (!via.protocols.some((protocol) => protocol.name === 'ssh')) {
    throw new AppError('invalid', `Nothing can go through ${quoted(via.name)}: it has no protocol ssh.`);
  }
  const seen = new Set<string>();
  for (let step: KnownAsset | undefined = via; step; step = step.viaId === null ? undefined : byId.get(step.viaId)) {
    if (step.id === id || seen.has(step.id)) {
      throw new AppError('invalid', `Going through ${quoted(via.name)} would lead in a circle.`);
    }
    seen.add(step.id);
  }
  return via.id;
}

import { AppError } from '../kernel/errors.ts';
import { API_PREFIX, type HttpMethod } from './contract/route.ts';
import { allRoutes, type NamedRoute } from './contract/routes.ts';

export interface Match {
  readonly route: NamedRoute;
  readonly params: Readonly<Record<string, string>>;
}

const MAX_PARAM_LENGTH = 512;

const table = allRoutes().map((route) => ({ route, segments: route.spec.path.split('/').slice(1) }));

/**
 * The route a method and path name, undefined when there is none. A written segment goes before a `:name` one.
 * @throws AppError `invalid` when the path is not validly percent-encoded.
 */
export function matchRoute(method: string, path: string): Match | undefined {
  if (!path.startsWith(`${API_PREFIX}/`)) return undefined;
  const given = path.slice(API_PREFIX.length + 1).split('/');
  const found = table
    .filter(({ route, segments }) => route.spec.method === (method as HttpMethod) && fits(segments, given))
    .sort((a, b) => wildcards(a.segments) - wildcards(b.segments))[0];
  if (!found) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of found.segments.entries()) {
    if (segment.startsWith(':')) params[segment.slice(1)] = decode(given[index]!);
  }
  return { route: found.route, params };
}

function fits(segments: readonly string[], given: readonly string[]): boolean {
  return (
    segments.length === given.length &&
    segments.every((segment, index) => (segment.startsWith(':') ? given[index] !== '' : segment === given[index]))
  );
}

function wildcards(segments: readonly string[]): number {
  return segments.filter((segment) => segment.startsWith(':')).length;
}

function decode(segment: string): string {
  try {
    const text = decodeURIComponent(segment);
    if (text.length <= MAX_PARAM_LENGTH) return text;
  } catch {
    // said below
  }
  throw new AppError('invalid', 'The path is not validly encoded or too long.');
}

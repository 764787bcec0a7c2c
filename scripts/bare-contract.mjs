import { routes } from '../src/api/contract/routes.ts';

/**
 * The module of the contract's routes as clients need it: how a call is made, not how its values are checked. They come
 * without a validator; their types are still those of the contract.
 */
export function bareContract() {
  const bare = (spec) => ({
    method: spec.method,
    path: spec.path,
    ...(spec.body && { body: true }),
    ...(spec.stream && { stream: spec.stream }),
    ...(spec.upload && { upload: true }),
  });
  const table = Object.fromEntries(
    Object.entries(routes).map(([resource, calls]) => [
      resource,
      Object.fromEntries(Object.entries(calls).map(([name, spec]) => [name, bare(spec)])),
    ]),
  );
  return `export const routes = ${JSON.stringify(table)};`;
}

import type { Readable } from 'node:stream';
import type { Actor } from '../../store/model.ts';
import type { Browser } from '../browser.ts';
import type { Caller } from '../caller.ts';
import type { Answer, Params, ParsedBody, ParsedQuery, RouteSpec } from '../contract/route.ts';
import type { Routes } from '../contract/routes.ts';

/** A validated, allowed call. */
export interface Call<R extends RouteSpec> {
  readonly params: Params<R>;
  readonly query: ParsedQuery<R>;
  readonly body: ParsedBody<R>;
  readonly caller: Caller;
  readonly actor: Actor;
  /** The bytes of an upload as they come; reading slowly slows the sender down. Breaks off with an AppError. */
  readonly content: R extends { readonly upload: true } ? Readable : undefined;
  /** The browser that asks, with the header that a page of the bastion's own sends; undefined for every other caller. */
  readonly browser?: Browser | undefined;
}

/** The bytes of a file. `size` is null when it is not known beforehand; a stream that ends before it is broken off. */
export interface FileBytes {
  readonly stream: Readable;
  readonly size: number | null;
  /** What a browser saves it as. */
  readonly name: string;
}

/** Answers one route; a stream route answers with its bytes. Failures are thrown as AppError. */
export type Handler<R extends RouteSpec> = (
  call: Call<R>,
) => Promise<
  R extends { readonly stream: 'bytes' } ? FileBytes : R extends { readonly stream: string } ? Readable : Answer<R>
>;

/** The handlers of one resource, complete by type. */
export type Handlers<Resource extends keyof Routes> = {
  readonly [Name in keyof Routes[Resource]]: Routes[Resource][Name] extends RouteSpec
    ? Handler<Routes[Resource][Name]>
    : never;
};

interface Paged<Row> {
  readonly items: readonly Row[];
  readonly next: string | null;
}

/** A call of the client that answers with pages. */
export type PagedCall<A extends PageArgs, P extends Paged<unknown>> = (args: A) => Promise<P>;
/** Undefined where the call can do without any. */
export type PageArgs = { readonly after?: string | undefined } | undefined;

/**
 * Every page of a list, one after the other, fetched as they are asked for:
 * `for await (const { items } of pages(client.users.list, { role: 'admin' })) …`
 */
export async function* pages<A extends PageArgs, P extends Paged<unknown>>(
  list: PagedCall<A, P>,
  args: NonNullable<A>,
): AsyncGenerator<P> {
  for (let after = args.after; ; ) {
    const page = await list({ ...args, after });
    yield page;
    if (page.next === null) return;
    after = page.next;
  }
}

// Walks through lists of any length, a page at a time.

/** One page of any list of the API. */
export interface Page<N> {
  readonly nodes: readonly N[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/**
 * Yield every node of a list; `pageAfter` asks for the page behind a cursor, and for the first one by null.
 * A page of a search may be empty and still have a next one.
 */
export async function* every<N>(pageAfter: (after: string | null) => Promise<Page<N>>): AsyncGenerator<N> {
  let cursor: string | null = null;
  for (;;) {
    const page: Page<N> = await pageAfter(cursor);
    yield* page.nodes;
    if (!page.pageInfo.hasNextPage) return;
    cursor = page.pageInfo.endCursor ?? cursor;
  }
}

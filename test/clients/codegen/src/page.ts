import { graphql } from '../gql/index.js';
import type { ResultOf, VariablesOf } from '@graphql-typed-document-node/core';

export const pageQuery = graphql(`
  query AlbumPage($count: Int!, $after: String) {
    albums(first: $count, after: $after) {
      nodes {
        id
        title
        artist {
          name
        }
        tracks(first: 2) {
          nodes {
            name
            unitPrice
          }
        }
      }
      pageInfo {
        endCursor
        hasNextPage
      }
    }
  }
`);

export type Page = ResultOf<typeof pageQuery>;

/** Compiles only while the types say what the schema says. */
export function titles(page: Page): string[] {
  return (page.albums?.nodes ?? []).map((album) => `${album.title} by ${album.artist.name}`);
}

export function next(page: Page, count: number): VariablesOf<typeof pageQuery> | null {
  const info = page.albums?.pageInfo;
  return info?.hasNextPage ? { count, after: info.endCursor ?? null } : null;
}

import { graphql } from 'relay-runtime';

// What the compiler reads. Components would stand beside it; the test uses what they use, without React.

export const query = graphql`
  query ArtistsQuery($count: Int!, $cursor: String) {
    ...Artists_list @arguments(count: $count, cursor: $cursor)
  }
`;

export const list = graphql`
  fragment Artists_list on Query
  @refetchable(queryName: "ArtistsPaginationQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 10 }, cursor: { type: "String" }) {
    artists(first: $count, after: $cursor) @connection(key: "Artists_artists") {
      edges {
        node {
          id
          ...Artists_artist
        }
      }
    }
  }
`;

export const artist = graphql`
  fragment Artists_artist on Artist
  @refetchable(queryName: "ArtistsRefetchQuery")
  @argumentDefinitions(withAlbums: { type: "Boolean", defaultValue: false }) {
    id
    name
    albums(first: 3) @include(if: $withAlbums) {
      edges {
        node {
          title
        }
      }
    }
  }
`;

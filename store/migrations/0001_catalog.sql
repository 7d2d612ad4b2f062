-- The catalogue. Artist is a root: its rows are spread over all buckets. Album and track are
-- colocated with their artist, so their ids carry its bucket. Genre and media type are reference
-- tables: the same few rows on every shard, without a bucket.
--
-- Text that lists are sorted by is COLLATE "C", so that every shard and the merge of their answers
-- agree on the order, whatever the database's own collation is.
--
-- The expressions of the indexes for search are those of store/search.go.

-- +goose Up
CREATE TABLE genre (
    id   bigint PRIMARY KEY CHECK (id > 0),
    name text   COLLATE "C" NOT NULL
);
CREATE INDEX genre_name ON genre (name, id);

CREATE TABLE media_type (
    id   bigint PRIMARY KEY CHECK (id > 0),
    name text   COLLATE "C" NOT NULL
);
CREATE INDEX media_type_name ON media_type (name, id);

CREATE TABLE artist (
    id     bigint   NOT NULL CHECK (id > 0),
    bucket smallint NOT NULL CHECK (bucket = (id >> 12) & 1023),
    name   text     COLLATE "C" NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE INDEX artist_name ON artist (name, id);
CREATE INDEX artist_search ON artist USING gin (to_tsvector('simple', translate(name, './@-+&<>~_:', '           ')));

CREATE TABLE album (
    id        bigint   NOT NULL CHECK (id > 0),
    bucket    smallint NOT NULL CHECK (bucket = (id >> 12) & 1023),
    title     text     COLLATE "C" NOT NULL,
    artist_id bigint   NOT NULL,
    PRIMARY KEY (id, bucket),
    FOREIGN KEY (artist_id, bucket) REFERENCES artist (id, bucket)
);
CREATE INDEX album_title ON album (title, id);
CREATE INDEX album_artist_id_id ON album (artist_id, id);
CREATE INDEX album_artist_id_title ON album (artist_id, title, id);
CREATE INDEX album_search ON album USING gin (to_tsvector('simple', translate(title, './@-+&<>~_:', '           ')));

CREATE TABLE track (
    id            bigint   NOT NULL CHECK (id > 0),
    bucket        smallint NOT NULL CHECK (bucket = (id >> 12) & 1023),
    name          text     COLLATE "C" NOT NULL,
    composer      text,
    milliseconds  integer  NOT NULL CHECK (milliseconds >= 0),
    bytes         integer  CHECK (bytes >= 0),
    unit_price    numeric(10,2) NOT NULL CHECK (unit_price >= 0),
    album_id      bigint,
    media_type_id bigint   NOT NULL REFERENCES media_type (id),
    genre_id      bigint   REFERENCES genre (id),
    PRIMARY KEY (id, bucket),
    FOREIGN KEY (album_id, bucket) REFERENCES album (id, bucket)
);
CREATE INDEX track_name ON track (name, id);
CREATE INDEX track_milliseconds ON track (milliseconds, id);
CREATE INDEX track_genre_id_id ON track (genre_id, id);
CREATE INDEX track_genre_id_name ON track (genre_id, name, id);
CREATE INDEX track_genre_id_milliseconds ON track (genre_id, milliseconds, id);
CREATE INDEX track_album_id_id ON track (album_id, id);
CREATE INDEX track_search ON track USING gin (to_tsvector('simple', translate(name, './@-+&<>~_:', '           ')));

-- +goose Down
DROP TABLE track, album, artist, media_type, genre;

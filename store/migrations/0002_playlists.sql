-- A playlist is a root of its own; its entries are colocated with it and point at tracks that may
-- lie on any shard, so track_id is no foreign key.

-- +goose Up
CREATE TABLE playlist (
    id     bigint   NOT NULL CHECK (id > 0),
    bucket smallint NOT NULL CHECK (bucket = (id >> 12) & 1023),
    name   text     COLLATE "C" NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE INDEX playlist_name ON playlist (name, id);

CREATE TABLE playlist_track (
    playlist_id bigint   NOT NULL,
    bucket      smallint NOT NULL CHECK (bucket = (playlist_id >> 12) & 1023),
    track_id    bigint   NOT NULL,
    position    integer  NOT NULL CHECK (position > 0),
    PRIMARY KEY (playlist_id, track_id, bucket),
    FOREIGN KEY (playlist_id, bucket) REFERENCES playlist (id, bucket)
);
CREATE INDEX playlist_track_position ON playlist_track (playlist_id, position, track_id);
CREATE INDEX playlist_track_track_id ON playlist_track (track_id);

-- +goose Down
DROP TABLE playlist_track, playlist;

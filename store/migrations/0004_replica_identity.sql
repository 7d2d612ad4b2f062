-- What a row tells of itself before it is updated or deleted, to whoever decodes the WAL: these rows
-- name parents outside their primary key, and the lists of a parent that a row leaves must be known
-- as well as those that it enters. An index over the columns would do where none may be NULL, but
-- writes as much into the WAL as the whole row does (store/feed, BenchmarkReplicaIdentity). The
-- statements change the catalogue only; they wait for running transactions on the tables. Where
-- wal_level is not logical they change nothing that is written.

-- +goose Up
ALTER TABLE album REPLICA IDENTITY FULL;
ALTER TABLE track REPLICA IDENTITY FULL;
ALTER TABLE employee REPLICA IDENTITY FULL;
ALTER TABLE customer REPLICA IDENTITY FULL;
ALTER TABLE invoice REPLICA IDENTITY FULL;
ALTER TABLE invoice_line REPLICA IDENTITY FULL;

-- +goose Down
ALTER TABLE album REPLICA IDENTITY DEFAULT;
ALTER TABLE track REPLICA IDENTITY DEFAULT;
ALTER TABLE employee REPLICA IDENTITY DEFAULT;
ALTER TABLE customer REPLICA IDENTITY DEFAULT;
ALTER TABLE invoice REPLICA IDENTITY DEFAULT;
ALTER TABLE invoice_line REPLICA IDENTITY DEFAULT;

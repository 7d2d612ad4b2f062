-- Every row, with an id that carries its bucket. The test keeps on each shard what belongs there.
-- Roots take the buckets 0, 37, 74, ...: about half of them lie on each of two shards.
CREATE FUNCTION pg_temp.root(kind int, n int) RETURNS bigint LANGUAGE sql AS
    'SELECT ((kind * 1000 + n)::bigint << 22) | (((n * 37) % 1024) << 12)';
CREATE FUNCTION pg_temp.child(kind int, n int, parent bigint) RETURNS bigint LANGUAGE sql AS
    'SELECT ((kind * 1000 + n)::bigint << 22) | (parent & (1023 << 12))';
CREATE FUNCTION pg_temp.bucket(id bigint) RETURNS smallint LANGUAGE sql AS 'SELECT ((id >> 12) & 1023)::smallint';

INSERT INTO language (id, name, family_id) VALUES
    (1 << 22, 'German', NULL), (2 << 22, 'Alemannic', 1 << 22), (3 << 22, 'Bavarian', 1 << 22), (4 << 22, 'Basque', NULL);

INSERT INTO branch SELECT id, pg_temp.bucket(id), name, area, opened FROM (
    SELECT pg_temp.root(1, n) AS id, 'Branch ' || chr(64 + n) AS name, 100.5 * (5 - n) AS area,
           timestamptz '1990-01-01 00:00+00' + n * interval '400 days' AS opened FROM generate_series(1, 4) n) AS r;

INSERT INTO shelf SELECT id, pg_temp.bucket(id), label, branch_id FROM (
    SELECT pg_temp.child(2, b * 10 + n, pg_temp.root(1, b)) AS id, 'Shelf ' || b || chr(64 + n) AS label, pg_temp.root(1, b) AS branch_id
    FROM generate_series(1, 4) b, generate_series(1, 3) n) AS r;

INSERT INTO title SELECT id, pg_temp.bucket(id), name, subtitle, pages, plates, weight, rating, in_print, illustrated, published, reprinted,
       price, rebate, kind, other_kind, language_id FROM (
    SELECT pg_temp.root(3, n) AS id,
           (ARRAY['Äpfel', 'Berge', '"Zitate"', 'Drachen', '橋'])[1 + n % 5] || ' ' || n AS name,
           CASE WHEN n % 3 = 0 THEN 'Volume ' || n END AS subtitle,
           100 + 10 * (n % 4) AS pages, nullif(n % 6, 0) AS plates, n * 0.125 AS weight, CASE WHEN n % 2 = 0 THEN n / 4.0 END AS rating,
           n % 2 = 0 AS in_print, CASE WHEN n % 5 > 0 THEN n % 5 > 2 END AS illustrated,
           timestamptz '2001-02-03 04:05:06.789+00' + n * interval '100 days' AS published,
           CASE WHEN n % 4 = 0 THEN timestamptz '2020-01-01 00:00+00' END AS reprinted,
           (n * 7 % 13) + 0.99 AS price, CASE WHEN n % 7 = 0 THEN 0.50 END AS rebate,
           CASE WHEN n % 2 = 0 THEN 'PAPERBACK' ELSE 'HARD_COVER' END AS kind, CASE WHEN n % 9 = 0 THEN 'PAPERBACK' END AS other_kind,
           CASE WHEN n % 8 > 0 THEN (1 + n % 4)::bigint << 22 END AS language_id
    FROM generate_series(1, 25) n) AS r;

INSERT INTO copy SELECT id, pg_temp.bucket(id), bar_code, lent, damage, shelf_id, title_id FROM (
    SELECT pg_temp.child(4, b * 100 + s * 10 + n, pg_temp.root(1, b)) AS id, b * 1000 + s * 100 + n AS bar_code, n = 2 AS lent,
           CASE WHEN n = 3 THEN 'torn' END AS damage, pg_temp.child(2, b * 10 + s, pg_temp.root(1, b)) AS shelf_id,
           CASE WHEN n < 3 THEN pg_temp.root(3, 1 + (b * s + n) % 25) END AS title_id
    FROM generate_series(1, 4) b, generate_series(1, 3) s, generate_series(1, 3) n) AS r;

INSERT INTO purchase SELECT id, pg_temp.bucket(id), total, title_id, fetched_at FROM (
    SELECT pg_temp.root(5, n) AS id, n * 1.25 AS total, pg_temp.root(3, n) AS title_id,
           CASE WHEN n % 3 > 0 THEN pg_temp.root(1, 1 + n % 2) END AS fetched_at FROM generate_series(1, 12) n) AS r;

INSERT INTO list SELECT id, pg_temp.bucket(id), name FROM (
    SELECT pg_temp.root(6, n) AS id, 'List ' || n AS name FROM generate_series(1, 3) n) AS r;

INSERT INTO list_title SELECT list_id, pg_temp.bucket(list_id), title_id, place FROM (
    SELECT pg_temp.root(6, l) AS list_id, pg_temp.root(3, (l * 5 + n * 3) % 30) AS title_id, n AS place
    FROM generate_series(1, 2) l, generate_series(1, 6) n) AS r;

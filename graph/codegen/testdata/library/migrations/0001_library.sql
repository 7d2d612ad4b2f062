-- +goose Up
CREATE TABLE language (
    id        bigint PRIMARY KEY,
    name      text   COLLATE "C" NOT NULL,
    family_id bigint
);
CREATE TABLE branch (
    id     bigint           NOT NULL,
    bucket smallint         NOT NULL CHECK (bucket = (id >> 12) & 1023),
    name   text             COLLATE "C" NOT NULL,
    area   double precision NOT NULL,
    opened timestamptz      NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE TABLE shelf (
    id        bigint   NOT NULL,
    bucket    smallint NOT NULL CHECK (bucket = (id >> 12) & 1023),
    label     text     COLLATE "C" NOT NULL,
    branch_id bigint   NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE TABLE copy (
    id       bigint   NOT NULL,
    bucket   smallint NOT NULL CHECK (bucket = (id >> 12) & 1023),
    bar_code integer  NOT NULL,
    lent     boolean  NOT NULL,
    damage   text,
    shelf_id bigint   NOT NULL,
    title_id bigint,
    PRIMARY KEY (id, bucket)
);
CREATE TABLE title (
    id          bigint           NOT NULL,
    bucket      smallint         NOT NULL CHECK (bucket = (id >> 12) & 1023),
    name        text             COLLATE "C" NOT NULL,
    subtitle    text,
    pages       integer          NOT NULL,
    plates      integer,
    weight      double precision NOT NULL,
    rating      double precision,
    in_print    boolean          NOT NULL,
    illustrated boolean,
    published   timestamptz      NOT NULL,
    reprinted   timestamptz,
    price       numeric(8,2)     NOT NULL,
    rebate      numeric(8,2),
    kind        text             NOT NULL,
    other_kind  text,
    language_id bigint,
    PRIMARY KEY (id, bucket)
);
CREATE TABLE purchase (
    id         bigint       NOT NULL,
    bucket     smallint     NOT NULL CHECK (bucket = (id >> 12) & 1023),
    total      numeric(8,2) NOT NULL,
    title_id   bigint,
    fetched_at bigint,
    PRIMARY KEY (id, bucket)
);
CREATE TABLE list (
    id     bigint   NOT NULL,
    bucket smallint NOT NULL CHECK (bucket = (id >> 12) & 1023),
    name   text     NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE TABLE list_title (
    list_id  bigint   NOT NULL,
    bucket   smallint NOT NULL CHECK (bucket = (list_id >> 12) & 1023),
    title_id bigint   NOT NULL,
    place    integer  NOT NULL,
    PRIMARY KEY (list_id, title_id, bucket)
);

-- +goose Down
DROP TABLE list_title, list, purchase, title, copy, shelf, branch, language;

-- Customers and what they bought. Customer is a root; invoice and invoice line are colocated with
-- it. A line's track may lie on any shard. Employee is a reference table.

-- +goose Up
CREATE TABLE employee (
    id          bigint PRIMARY KEY CHECK (id > 0),
    first_name  text   COLLATE "C" NOT NULL,
    last_name   text   COLLATE "C" NOT NULL,
    title       text,
    birth_date  timestamptz,
    hire_date   timestamptz,
    address     text,
    city        text,
    state       text,
    country     text,
    postal_code text,
    phone       text,
    fax         text,
    email       text,
    reports_to  bigint REFERENCES employee (id) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX employee_reports_to_last_name ON employee (reports_to, last_name, id);
CREATE INDEX employee_last_name ON employee (last_name, id);

CREATE TABLE customer (
    id             bigint   NOT NULL CHECK (id > 0),
    bucket         smallint NOT NULL CHECK (bucket = (id >> 12) & 1023),
    first_name     text     COLLATE "C" NOT NULL,
    last_name      text     COLLATE "C" NOT NULL,
    company        text,
    address        text,
    city           text,
    state          text,
    country        text     COLLATE "C",
    postal_code    text,
    phone          text,
    fax            text,
    email          text     NOT NULL,
    support_rep_id bigint   REFERENCES employee (id),
    PRIMARY KEY (id, bucket)
);
CREATE INDEX customer_last_name ON customer (last_name, id);
CREATE INDEX customer_country_last_name ON customer (country, last_name, id);
CREATE INDEX customer_support_rep_id_id ON customer (support_rep_id, id);
CREATE INDEX customer_support_rep_id_last_name ON customer (support_rep_id, last_name, id);

CREATE TABLE invoice (
    id                  bigint        NOT NULL CHECK (id > 0),
    bucket              smallint      NOT NULL CHECK (bucket = (id >> 12) & 1023),
    invoice_date        timestamptz   NOT NULL,
    billing_address     text,
    billing_city        text,
    billing_state       text,
    billing_country     text,
    billing_postal_code text,
    total               numeric(10,2) NOT NULL,
    customer_id         bigint        NOT NULL,
    PRIMARY KEY (id, bucket),
    FOREIGN KEY (customer_id, bucket) REFERENCES customer (id, bucket)
);
CREATE INDEX invoice_customer_id_id ON invoice (customer_id, id);
CREATE INDEX invoice_customer_id_invoice_date ON invoice (customer_id, invoice_date, id);

CREATE TABLE invoice_line (
    id         bigint        NOT NULL CHECK (id > 0),
    bucket     smallint      NOT NULL CHECK (bucket = (id >> 12) & 1023),
    unit_price numeric(10,2) NOT NULL,
    quantity   integer       NOT NULL CHECK (quantity > 0),
    invoice_id bigint        NOT NULL,
    track_id   bigint        NOT NULL,
    PRIMARY KEY (id, bucket),
    FOREIGN KEY (invoice_id, bucket) REFERENCES invoice (id, bucket)
);
CREATE INDEX invoice_line_invoice_id_id ON invoice_line (invoice_id, id);
CREATE INDEX invoice_line_track_id ON invoice_line (track_id);

-- +goose Down
DROP TABLE invoice_line, invoice, customer, employee;

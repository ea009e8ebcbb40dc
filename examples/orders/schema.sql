-- A shop's products, customers and orders: small, and the same every time.
CREATE TABLE products (
  id integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  name text NOT NULL,
  price_cents integer NOT NULL CHECK (price_cents > 0)
);

CREATE TABLE orders (
  id integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  customer integer NOT NULL,
  product_id integer NOT NULL REFERENCES products,
  quantity integer NOT NULL CHECK (quantity > 0),
  ordered_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX orders_of_customer ON orders (customer, id DESC);

INSERT INTO products (name, price_cents)
SELECT 'product ' || n, 100 + (n * 7919) % 9900 FROM generate_series(1, 1000) AS n;

INSERT INTO orders (customer, product_id, quantity, ordered_at)
SELECT 1 + n % 2000, 1 + (n * 31) % 1000, 1 + n % 5, now() - n * interval '1 minute'
FROM generate_series(1, 20000) AS n;

ANALYZE;

"""A shop's orders over HTTP: read one, list a customer's, add one; PostgreSQL keeps them."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated

import asyncpg
from fastapi import FastAPI, HTTPException, Path, Query, Request
from pydantic import BaseModel

CONNECTIONS = int(os.environ.get("DB_CONNECTIONS", "5"))
DATABASE_INT = 2**31 - 1
Id = Annotated[int, Path(ge=1, le=DATABASE_INT)]

_ORDER = """
SELECT orders.id, customer, products.name AS product, quantity,
       quantity * price_cents AS total_cents, ordered_at
FROM orders JOIN products ON products.id = product_id
"""


class NewOrder(BaseModel):
    """What a customer asks for."""

    customer: int
    product_id: int
    quantity: int = 1


class Order(BaseModel):
    """What was ordered, and what it costs."""

    id: int
    customer: int
    product: str
    quantity: int
    total_cents: int
    ordered_at: datetime


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Hold a pool of connections while the application runs."""
    async with asyncpg.create_pool(
        host=os.environ.get("DB_HOST", "db"),
        user=os.environ.get("DB_USER", "shop"),
        password=os.environ["DB_PASSWORD"],
        database=os.environ.get("DB_NAME", "shop"),
        min_size=CONNECTIONS,
        max_size=CONNECTIONS,
    ) as pool:
        app.state.pool = pool
        yield


app = FastAPI(title="Orders", lifespan=lifespan)


@app.get("/health")
async def health(request: Request) -> dict[str, str]:
    """Answer once the database does."""
    await request.app.state.pool.fetchval("SELECT 1")
    return {"status": "ok"}


@app.get("/orders/{order_id}")
async def read_order(request: Request, order_id: Id) -> Order:
    """Return one order; 404 where there is none."""
    row = await request.app.state.pool.fetchrow(f"{_ORDER} WHERE orders.id = $1", order_id)
    if row is None:
        raise HTTPException(404, f"there is no order {order_id}")
    return Order(**row)


@app.get("/customers/{customer}/orders")
async def list_orders(
    request: Request, customer: Id, limit: Annotated[int, Query(ge=1, le=100)] = 10
) -> list[Order]:
    """Return a customer's last orders, the latest first."""
    rows = await request.app.state.pool.fetch(
        f"{_ORDER} WHERE customer = $1 ORDER BY orders.id DESC LIMIT $2", customer, limit
    )
    return [Order(**row) for row in rows]


@app.post("/orders", status_code=201)
async def add_order(request: Request, order: NewOrder) -> dict[str, int]:
    """Keep an order and return its number; 422 for a product or a quantity that cannot be."""
    try:
        number = await request.app.state.pool.fetchval(
            "INSERT INTO orders (customer, product_id, quantity) VALUES ($1, $2, $3) RETURNING id",
            order.customer,
            order.product_id,
            order.quantity,
        )
    except (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError) as error:
        raise HTTPException(422, "there is no such product, or not so many of it") from error
    return {"id": number}

"""A shop that says of itself what it is, and refuses whatever is not as it said."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Path, Query, Request
from fastapi.security import APIKeyHeader, HTTPBasic, HTTPBasicCredentials
from pydantic import BaseModel, ConfigDict, Field

KEY = "a secret key"
app = FastAPI(title="Shop")
router = APIRouter(dependencies=[Depends(APIKeyHeader(name="X-API-Key"))])


class Kind(StrEnum):
    """What there is."""

    BOOK = "book"
    GAME = "game"


class Person(BaseModel):
    """Somebody, and who knows them."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(min_length=6, max_length=8)]
    friends: "list[Person]" = []


class Order(BaseModel):
    """What somebody wants."""

    model_config = ConfigDict(extra="forbid")
    code: Annotated[str, Field(pattern=r"^[A-Z]{2}-\d{3}$")]
    kind: Kind
    count: Annotated[int, Field(gt=10, le=40, multiple_of=5)]
    price: Annotated[float, Field(gt=0, lt=1)]
    buyer: Person
    token: UUID
    made: datetime | None
    days: Annotated[list[date], Field(min_length=2)]
    sizes: Annotated[set[int], Field(min_length=3)]
    gift: Person | None = None


def require_key(request: Request) -> None:
    """Refuse whoever has not the key."""
    if request.headers.get("x-api-key") != KEY:
        raise HTTPException(403)


@router.get("/items", dependencies=[Depends(require_key)])
def items(
    limit: Annotated[int, Query(ge=1, le=100)],
    kinds: Annotated[list[Kind], Query()],
    trace: Annotated[UUID, Header(alias="X-Trace")],
    colour: Annotated[str | None, Query(examples=["blue"])] = None,
) -> int:
    """Look at all items."""
    assert kinds
    assert trace
    assert colour in (None, "blue")
    return limit


@router.get("/items/{item}")
def one(item: int) -> int:
    """Look at one, of which there is none."""
    raise HTTPException(404, str(item))


@router.post("/orders", dependencies=[Depends(require_key)], status_code=201)
def order(order: Order) -> Order:
    """Order something."""
    return order


@router.delete("/orders")
def forget() -> None:
    """Delete all, which nobody may."""
    raise HTTPException(500)


@app.get("/kinds/{kind}/{day}")
def kind(
    kind: Kind, day: Annotated[date, Path(openapi_examples={"one": {"value": "2026-02-03"}})]
) -> Kind:
    """Look at one kind."""
    assert day == date(2026, 2, 3)
    return kind


@app.get("/me")
def me(who: Annotated[HTTPBasicCredentials, Depends(HTTPBasic(scheme_name="LogIn"))]) -> str:
    """Say who asks."""
    if (who.username, who.password) != ("ann", "a:b"):
        raise HTTPException(403)
    return who.username


@app.get("/health")
def health() -> str:
    """Say that the service is up."""
    return "ok"


app.include_router(router)
mounted = FastAPI()
mounted.mount("/shop", app)

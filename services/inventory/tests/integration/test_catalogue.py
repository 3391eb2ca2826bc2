"""The catalogue over HTTP, as the seed makes it."""

from conftest import System


async def test_a_dozen_products_are_in_stock_and_one_is_not(system: System) -> None:
    first = (await system.call("GET", "/products?limit=10", caller=None)).body
    rest = (await system.call("GET", f"/products?limit=10&cursor={first['next_cursor']}", caller=None)).body
    products = first["items"] + rest["items"]
    assert rest["next_cursor"] is None
    assert [each["sku"] for each in products] == sorted(each["sku"] for each in products)
    assert [each["sku"] for each in products if each["available"] == 0] == ["SOLD-OUT-SEXTANT"]
    assert len(products) == 13
    assert {each["unit_price"]["currency"] for each in products} == {"EUR"}


async def test_seeding_again_changes_nothing(system: System) -> None:
    before = await system.books("TIDE-CLOCK")
    system.seed()
    assert await system.books("TIDE-CLOCK") == before


async def test_one_product_is_shown_to_anyone(system: System) -> None:
    answer = await system.call("GET", "/products/MUG-BLUE", caller=None)
    assert answer.status == 200
    assert answer.body["name"] == "Blue enamel mug"
    assert answer.body["unit_price"] == {"amount_minor": 1250, "currency": "EUR"}


async def test_an_unknown_product_is_not_found(system: System) -> None:
    answer = await system.call("GET", "/products/NO-SUCH", caller=None)
    assert (answer.status, answer.reason) == (404, "product-unknown")


async def test_a_limit_out_of_bounds_names_itself(system: System) -> None:
    answer = await system.call("GET", "/products?limit=101", caller=None)
    assert answer.status == 422
    assert [error["field"] for error in answer.body["errors"]] == ["limit"]

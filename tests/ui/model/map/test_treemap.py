"""Where the blocks of the usage map lie, on plain values."""

from __future__ import annotations

import random

from plashui.model.forest import Forest, Image, Usage, build_forest
from plashui.store.activity import Facts
from plashui.ui.model.map.cells import Known, drawn, framed, label
from plashui.ui.model.map.treemap import (
    Block,
    Box,
    Kind,
    Place,
    layout,
    neighbour,
    squarify,
)


def grown(count: int, seed: int = 1) -> Forest:
    """Images at random, a few of them big."""
    dice = random.Random(seed)
    return build_forest(
        Image(
            n,
            dice.randrange(n) if n % 8 else 0,
            own=Usage(int(dice.paretovariate(0.8) * 1000), 0, 1),
        )
        for n in range(1, count + 1)
    )


def test_boxes_fill_the_area_without_gap_or_overlap() -> None:
    dice = random.Random(5)
    for _ in range(200):
        width, height = dice.randrange(6, 120), dice.randrange(1, 40)
        count = dice.randrange(1, 20)
        weights = sorted((dice.randrange(1, 5000) for _ in range(count)), reverse=True)
        boxes = squarify(weights, Box(3, 2, width, height))
        cells = [
            (x, y)
            for box in boxes
            for x in range(box.x, box.right)
            for y in range(box.y, box.bottom)
        ]
        assert len(boxes) == count
        assert len(cells) == len(set(cells)) == width * height


def test_blocks_are_as_big_as_their_bytes() -> None:
    forest = build_forest(Image(n, 0, own=Usage(n * 100, 0, 1)) for n in (1, 2, 3, 6))
    blocks = layout(forest, Place(), 60, 20)
    areas = {b.image: b.box.width * b.box.height for b in blocks}
    for image, area in areas.items():
        assert abs(area - 100 * (image or 0)) <= 60, areas
    assert sum(areas.values()) == 1200


def test_every_image_is_in_one_block_or_in_one_of_what_it_stands_on() -> None:
    for seed in range(5):
        forest = grown(250, seed)
        blocks = layout(forest, Place(), 100, 40)
        whole = [b.image for b in blocks if b.kind not in (Kind.OWN, Kind.MORE)]
        rest = [image for b in blocks for image in b.rest]
        shown = [*whole, *rest]
        assert len(shown) == len(set(shown))
        divided = [b.image for b in blocks if b.kind is Kind.TITLE]
        for image, node in forest.images.items():
            assert set(forest.lineage(image)) & set(shown)
            assert image in shown or not {node.parent} & {0, *divided}, "none is lost"


def test_very_many_are_one_block_that_can_be_zoomed_into() -> None:
    forest = build_forest(Image(n, 0, own=Usage(1000, 0, 1)) for n in range(1, 20_001))
    blocks = layout(forest, Place(), 80, 20)
    more = blocks[-1]
    assert more.kind is Kind.MORE
    assert len(blocks) < 60
    assert len(more.rest) + len(blocks) - 1 == 20_000
    inside = layout(forest, Place(None, more.rest), 80, 20)
    assert {b.image for b in inside} & set(more.rest)


def test_one_image_that_is_left_over_is_itself_and_not_one_more() -> None:
    forest = build_forest(
        Image(n, 0, own=Usage(size, 0, 1)) for n, size in enumerate((9000, 8000, 3), 1)
    )
    blocks = layout(forest, Place(), 80, 20)
    assert [(b.kind, b.image) for b in blocks] == [
        (Kind.WHOLE, 1),
        (Kind.WHOLE, 2),
        (Kind.WHOLE, 3),
    ]


def test_a_chain_has_one_title_and_its_layers_lie_beside_each_other() -> None:
    names = {1: ("debian",), 61: ("leaf",)}
    forest = build_forest(
        Image(n, n - 1, names=names.get(n, ()), own=Usage(1500 + n, 0, 1))
        for n in range(1, 62)
    )
    for width, height in ((58, 12), (98, 14), (136, 33)):
        blocks = layout(forest, Place(), width, height)
        assert [b.image for b in blocks if b.kind is Kind.TITLE] == [1]
        layers = [b for b in blocks if b.kind is Kind.LAYER]
        more = [b for b in blocks if b.kind is Kind.MORE]
        assert len(layers) > 25
        assert {b.box.height for b in layers} != {1}
        for block in more:
            area = block.box.width * block.box.height
            assert area < width * height / 2, "not one empty block"
        inside = layout(forest, Place(1, more[0].rest), 60, 15) if more else layers
        assert {b.kind for b in inside} == {Kind.LAYER}
    known = Known(forest, Facts(0.0), set())
    lines = drawn(blocks, known, 136, 33)
    text = "".join(c.text for line in lines for c in line)
    assert "▾ 1 debian" in text
    assert "61 leaf" in text


def test_the_end_of_a_chain_may_be_divided_again() -> None:
    forest = build_forest(
        [
            *(Image(n, n - 1, own=Usage(100, 0, 1)) for n in (1, 2, 3, 4)),
            *(Image(n, 4, own=Usage(900, 0, 1)) for n in (5, 6)),
        ]
    )
    blocks = layout(forest, Place(), 100, 30)
    kinds = {(b.kind, b.image) for b in blocks}
    assert {(Kind.TITLE, 1), (Kind.OWN, 1), (Kind.LAYER, 2), (Kind.LAYER, 3)} < kinds
    assert {(Kind.TITLE, 4), (Kind.OWN, 4), (Kind.WHOLE, 5), (Kind.WHOLE, 6)} < kinds


def test_before_anything_is_counted_all_images_are_alike() -> None:
    blocks = layout(build_forest(Image(n, 0) for n in (1, 2, 3, 4)), Place(), 40, 10)
    assert {b.box.width * b.box.height for b in blocks} == {100}


def test_the_arrows_reach_every_block() -> None:
    blocks = layout(grown(200), Place(), 100, 30)
    ways = ((1, 0), (-1, 0), (0, 1), (0, -1))
    reached, new = {0}, [0]
    while new:
        at = new.pop()
        for dx, dy in ways:
            to = neighbour(blocks, at, dx, dy)
            if to not in reached:
                reached.add(to)
                new.append(to)
    assert reached == set(range(len(blocks)))


def test_an_arrow_goes_to_what_lies_beside() -> None:
    def block(x: int, y: int, width: int, height: int) -> Block:
        box = Box(x, y, width, height)
        return Block(Kind.WHOLE, x + y, box, box, 1, 0)

    blocks = [block(0, 0, 10, 10), block(10, 0, 10, 4), block(10, 4, 10, 6)]
    assert neighbour(blocks, 0, 1, 0) == 2, "the one whose middle is nearest"
    assert neighbour(blocks, 2, 0, -1) == 1
    assert neighbour(blocks, 1, -1, 0) == 0
    assert neighbour(blocks, 0, -1, 0) == 0, "the edge"


def test_a_narrow_block_says_its_number_rather_than_its_signs() -> None:
    images = [Image(1234, 0, names=("web",)), Image(1235, 1234)]
    forest = Forest(build_forest(images).images, frozenset({1234}))
    known = Known(forest, Facts(0.0, in_use={1234}), {1234})
    box = Box(0, 0, 9, 3)
    block = Block(Kind.WHOLE, 1234, box, box, 0, 0)
    assert label(block, known, 20) == "▌●◆▸ 1234 web"
    assert label(block, known, 8) == "▌●◆1234"
    assert label(block, known, 4) == "1234"


def test_labels_stay_in_their_blocks_whatever_is_in_them() -> None:
    names = ("日本語の名前", "e\u0301\u0302", "x" * 300, "\x1b[31m", "\u202eabc", "[b]")
    forest = build_forest(
        Image(n, 0, names=(name,), own=Usage(900 + n, 0, 1))
        for n, name in enumerate(names, 1)
    )
    blocks = layout(forest, Place(), 61, 13)
    for cursor in range(len(blocks)):
        known = Known(forest, Facts(0.0), {2})
        lines = framed(drawn(blocks, known, 61, 13), blocks[cursor])
        from rich.cells import cell_len

        assert {cell_len("".join(c.text for c in line)) for line in lines} == {61}
        text = "".join(c.text for line in lines for c in line)
        assert "\x1b" not in text
        assert "\u202e" not in text

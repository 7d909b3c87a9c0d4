"""Merging of regions: the graph's books against sums over pixels, and ties."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.errors import Cancelled
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.grid import Window
from rock_glacier_mapper.core.segmentation.heterogeneity import Criterion
from rock_glacier_mapper.core.segmentation.image import Frame, Image
from rock_glacier_mapper.core.segmentation.kernels import limit_key, merge_key
from rock_glacier_mapper.core.segmentation.multiresolution import segmented
from rock_glacier_mapper.core.segmentation.pairing import disjoint, mutual_best
from rock_glacier_mapper.core.segmentation.pixelgraph import first_round, pixel_signatures, region_borders
from rock_glacier_mapper.core.segmentation.regiongraph import Graph
from rock_glacier_mapper.core.segmentation.regions import Borders, Regions
from scipy import ndimage

CRITERION = Criterion((0.5, 0.3, 0.2), shape=0.3, compactness=0.4)
SCALE = 15.0


def random_image(size=(32, 32), levels=None, bands=3, seed=1):
    """Return smooth noise of 0..255, in whole steps if `levels` are given."""
    noise = np.random.default_rng(seed).normal(size=(bands, *size))
    smooth = ndimage.gaussian_filter(noise, (0, 1.5, 1.5))
    values = (smooth - smooth.min()) / np.ptp(smooth) * 255
    if levels:
        values = np.floor(values / 256 * levels) * (255 / (levels - 1))
    return values.astype(np.float32)


def all_valid(bands):
    return Image(bands, np.ones(bands.shape[1:], bool))


def labels_of(image, scale=SCALE, criterion=CRITERION):
    return segmented(image, criterion, scale, Progress())


def whole(image):
    height, width = image.valid.shape
    return Frame(Window(0, 0, width, height), width, height)


def first_graph(image, dtype=np.float32, criterion=CRITERION, scale=SCALE):
    """Return the graph after the first round, with numbers of a type, and the region of each pixel."""
    begin = first_round(image, whole(image), criterion, scale, Progress())
    regions = Regions(begin.regions.numbers.astype(dtype), begin.regions.signature)
    return Graph(regions, begin.borders, criterion, scale, Progress()), begin.region


def heterogeneity_of(mask, bands, criterion):
    """Return the heterogeneity of the pixels of a mask, from the pixels and by the book."""
    size = mask.sum()
    padded = np.pad(mask, 1).astype(int)
    border = np.abs(np.diff(padded, axis=0)).sum() + np.abs(np.diff(padded, axis=1)).sum()
    rows, columns = np.nonzero(mask)
    box = 2 * (np.ptp(rows) + 1 + np.ptp(columns) + 1)
    colour = sum(w * size * band[mask].astype(float).std() for w, band in zip(criterion.weights, bands, strict=True))
    smooth, compact = size * border / box, size * border / np.sqrt(size)
    shape = criterion.compactness * compact + (1 - criterion.compactness) * smooth
    return (1 - criterion.shape) * colour + criterion.shape * shape


def neighbours(labels, allowed=None):
    """Return all pairs of adjacent labels."""
    pairs = set()
    for one, other in ((labels[:, :-1], labels[:, 1:]), (labels[:-1], labels[1:])):
        apart = (one != other) & (one > 0) & (other > 0)
        pairs |= set(zip(np.minimum(one, other)[apart], np.maximum(one, other)[apart], strict=True))
    return pairs


def remaining_costs(labels, bands, criterion):
    """Return what each merge of neighbours would still cost, computed from pixels."""
    own = {label: heterogeneity_of(labels == label, bands, criterion) for label in np.unique(labels[labels > 0])}
    return {
        (a, b): heterogeneity_of((labels == a) | (labels == b), bands, criterion) - own[a] - own[b]
        for a, b in neighbours(labels)
    }


def renumbered(labels):
    """Return labels numbered anew in the order of their first pixels; 0 stays."""
    present, first = np.unique(labels, return_index=True)
    order = present[np.argsort(first)]
    number = np.zeros(labels.max() + 1, np.uint32)
    number[order[order > 0]] = np.arange(1, (order > 0).sum() + 1)
    return number[labels]


def assert_is_partition(labels, valid):
    """Labels are 1..n in the order of first pixels, each 4-connected, and 0 exactly where nothing is valid."""
    np.testing.assert_array_equal(labels > 0, valid)
    present, first = np.unique(labels[labels > 0], return_index=True)
    np.testing.assert_array_equal(present, np.arange(1, len(present) + 1))
    assert (np.diff(first) > 0).all()
    for label in present:
        assert ndimage.label(labels == label)[1] == 1


IMAGES = {
    "float": random_image(),
    "32 levels": random_image(levels=32),
    "4 levels": random_image(levels=4),
    "oblong": random_image((20, 41), levels=8),
}


@pytest.mark.parametrize("name", IMAGES)
def test_objects_are_connected_and_no_cheap_merge_is_left(name):
    """The carried statistics are right to the end: recomputed from pixels, every merge costs the limit or more."""
    bands = IMAGES[name]
    labels = labels_of(all_valid(bands))
    assert_is_partition(labels, np.ones(labels.shape, bool))
    assert 1 < labels.max() < labels.size / 4
    costs = remaining_costs(labels, bands, CRITERION)
    assert min(costs.values()) >= SCALE**2 * (1 - 1e-5)  # the first rounds are in float32


@pytest.mark.parametrize("name", IMAGES)
def test_borders_of_small_regions_are_those_of_any(name):
    """Pairs side by side share two sides, pairs in line one; counted with a table of pairs, they are the same."""
    bands = IMAGES[name]
    random = np.random.default_rng(5)
    parent = ndimage.zoom(random.integers(1, 4, (4, 4)), np.divide(bands.shape[1:], 4), order=0).astype(np.uint32)
    image = Image(bands, random.random(bands.shape[1:]) > 0.1, parent)
    height, width = image.valid.shape
    frame = Frame(Window(5, 7, width, height), width + 9, height + 8)  # cut on all sides
    begin = first_round(image, frame, CRITERION, SCALE, Progress())
    borders, touching = region_borders(image, begin.region, image.valid.shape, begin.regions.total)
    np.testing.assert_array_equal(sorted(zip(*begin.borders, strict=True)), sorted(zip(*borders, strict=True)))
    np.testing.assert_array_equal(begin.touching, touching)
    assert {1, 2} == set(borders.length) and touching.any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_carried_statistics_equal_those_of_pixels(dtype):
    """Size, perimeter, box, mean, squares and heterogeneity survive many merges, nodata holes included."""
    bands = random_image()
    valid = np.random.default_rng(3).random((32, 32)) > 0.1
    graph, region = first_graph(Image(bands, valid), dtype)
    while graph.merge_best():
        pass
    graph.compact()
    objects = graph.region_now[region]
    regions = graph.regions
    tolerance = 1e-6 if dtype == np.float64 else 1e-5  # the first round is in float32
    assert regions.numbers.dtype == dtype
    assert (objects == regions.total).sum() == (~valid).sum()
    assert regions.total > 5
    for number in range(regions.total):
        mask = objects == number
        rows, columns = np.nonzero(mask)
        assert regions.size[number] == mask.sum()
        np.testing.assert_array_equal(
            regions.box[number], [-rows.min(), -columns.min(), rows.max() + 1, columns.max() + 1]
        )
        pixels = bands[:, mask].astype(float)
        squares = pixels.var(axis=1) * mask.sum()
        np.testing.assert_allclose(regions.mean[number], pixels.mean(axis=1), rtol=tolerance)
        np.testing.assert_allclose(regions.squares[number], squares, rtol=tolerance, atol=tolerance)
        expected = heterogeneity_of(mask, bands, CRITERION)
        assert regions.heterogeneity[number] == pytest.approx(expected, rel=tolerance)


@pytest.mark.parametrize("name", IMAGES)
@pytest.mark.parametrize("scale", [6.0, 15.0])
def test_transposed_image_gives_transposed_objects(name, scale):
    """No direction is preferred, also where ties are frequent."""
    bands = IMAGES[name]
    there = labels_of(all_valid(bands), scale)
    back = labels_of(all_valid(np.ascontiguousarray(bands.transpose(0, 2, 1))), scale)
    np.testing.assert_array_equal(renumbered(np.ascontiguousarray(back.T)), there)


def test_parent_alone_breaks_the_symmetry_of_a_constant_image():
    """The parents count when an image is compared with its transpose."""
    parent = np.ones((16, 16), np.uint32)
    parent[:5, 8:] = 2
    bands = np.zeros((3, 16, 16), np.float32)
    valid = np.ones((16, 16), bool)
    there = labels_of(Image(bands, valid, parent), 1.0)
    back = labels_of(Image(bands, valid, parent.T.copy()), 1.0)
    np.testing.assert_array_equal(renumbered(back.T.copy()), there)


def test_even_area_does_not_merge_in_stripes():
    """Ties are broken as by chance: the first objects of an even area are as often upright as lying."""
    image = all_valid(np.zeros((1, 64, 64), np.float32))
    region = first_round(image, whole(image), Criterion((1.0,), 0.0, 0.0), 10.0, Progress()).region
    lying = (region[:, 1:] == region[:, :-1]).sum()
    upright = (region[1:] == region[:-1]).sum()
    assert 0.85 < lying / upright < 1.18
    assert lying + upright > 64 * 64 / 6


def test_even_area_becomes_one_object():
    """Colour alone never stops a merge of equal pixels."""
    labels = labels_of(all_valid(np.full((3, 20, 30), 7, np.float32)), 1.0, Criterion((0.5, 0.3, 0.2), 0.0, 0.5))
    assert labels.max() == 1


def test_scale_zero_merges_nothing():
    """A merge must cost less than the square of the scale; equal pixels cost exactly 0."""
    labels = labels_of(all_valid(np.zeros((1, 3, 4), np.float32)), 0.0, Criterion((1.0,), 0.0, 0.5))
    np.testing.assert_array_equal(labels, np.arange(1, 13).reshape(3, 4))


def test_nodata_stays_out_and_separates():
    """A column without data parts the raster, and counts as border."""
    valid = np.ones((6, 7), bool)
    valid[:, 3] = False
    labels = segmented(Image(np.zeros((1, 6, 7), np.float32), valid), Criterion((1.0,), 0.1, 0.5), 50.0, Progress())
    assert_is_partition(labels, valid)
    assert labels.max() == 2


def test_diagonal_neighbours_are_no_neighbours():
    """Objects are 4-connected."""
    valid = np.eye(4, dtype=bool)
    labels = segmented(Image(np.zeros((1, 4, 4), np.float32), valid), Criterion((1.0,), 0.0, 0.5), 50.0, Progress())
    np.testing.assert_array_equal(labels, np.diag([1, 2, 3, 4]))


def test_no_object_crosses_parents():
    """Each object has one parent, although the even image would be one object without."""
    parent = np.repeat([[1, 1, 1, 2, 2, 9]], 5, axis=0)
    image = Image(np.zeros((1, 5, 6), np.float32), np.ones((5, 6), bool), parent)
    labels = segmented(image, Criterion((1.0,), 0.0, 0.5), 10.0, Progress())
    np.testing.assert_array_equal(labels, np.repeat([[1, 1, 1, 2, 2, 3]], 5, axis=0))


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (5, 1), (2, 2)])
def test_tiny_images(shape):
    """A pixel has no neighbours, a line none above or below."""
    image = all_valid(np.zeros((1, *shape), np.float32))
    assert labels_of(image, 30.0, Criterion((1.0,), 0.1, 0.5)).tolist() == np.ones(shape, int).tolist()


def test_nothing_valid():
    """An image of nodata has no objects."""
    image = Image(np.zeros((2, 3, 4), np.float32), np.zeros((3, 4), bool))
    assert not segmented(image, Criterion((0.5, 0.5), 0.1, 0.5), 30.0, Progress()).any()


def test_result_is_the_same_every_time():
    """No order of evaluation depends on chance."""
    image = all_valid(random_image((60, 60), levels=6))
    np.testing.assert_array_equal(labels_of(image), labels_of(image))


class StopAfter(Progress):
    """Cancelled after being asked a number of times."""

    def __init__(self, questions):
        self.left = questions

    def cancelled(self):
        self.left -= 1
        return self.left < 0


@pytest.mark.parametrize("questions", [0, 3, 10, 30])
def test_cancel_is_asked_for_throughout(questions):
    """The image's round, the graph's first evaluation and every later round can be stopped."""
    with pytest.raises(Cancelled):
        segmented(all_valid(random_image((64, 64))), CRITERION, SCALE, StopAfter(questions))


def test_progress_goes_to_the_end():
    """The last report is 1, and none is out of range."""
    fractions = []
    progress = Progress()
    progress.report = lambda fraction, message="": fractions.append(fraction)
    segmented(all_valid(random_image()), CRITERION, SCALE, progress)
    assert fractions[-1] == 1
    assert min(fractions) >= 0
    assert max(fractions) <= 1


def borders_of(one, other, length):
    return Borders(*(np.array(numbers, np.int32) for numbers in (one, other, length)))


def summed(pieces, number):
    """Return the sums of border lengths by pairs of regions."""
    borders = Borders.summed(pieces, np.asarray(number, np.int32))
    assert not pieces
    return dict(
        zip(zip(borders.first.tolist(), borders.second.tolist(), strict=True), borders.length.tolist(), strict=True)
    )


def test_shared_borders_add_up():
    """Pieces of one border are summed whichever side is named first, and by the regions' new numbers."""
    pieces = [borders_of([5, 2], [2, 5], [1, 2]), borders_of([7, 5, 0], [5, 2, 5], [4, 8, 16])]
    assert summed(pieces, [2, 1, 2, 3, 4, 5, 6, 7]) == {(2, 5): 27, (5, 7): 4}


def test_pairs_that_share_a_slot_stay_apart():
    """However many pairs fall into one slot of the table, sums are those that sorting gives."""
    rng = np.random.default_rng(6)
    one, other = rng.integers(0, 40, (2, 3000))
    number = np.arange(40) * 2**24
    one, other = one[one != other], other[one != other]
    length = rng.integers(1, 9, len(one))
    expected = {}
    for a, b, n in zip(number[one].tolist(), number[other].tolist(), length.tolist(), strict=True):
        pair = (min(a, b), max(a, b))
        expected[pair] = expected.get(pair, 0) + n
    assert summed([borders_of(one, other, length)], number) == expected


def test_region_with_very_many_neighbours():
    """The borders of one region with all others do not all queue for its few slots: this would take an hour."""
    count = 300_000
    others = np.arange(1, count + 1)
    sums = summed([borders_of(np.zeros(count), others, np.ones(count))], np.arange(count + 1))
    assert len(sums) == count


def merge_keys(costs, signatures):
    return np.array([merge_key(cost, np.uint64(sign)) for cost, sign in zip(costs, signatures, strict=True)], np.uint64)


def test_keys_sort_by_cost_then_signature():
    """Negative costs come first, 0 and -0 are one cost, and equal costs differ by signature."""
    keys = merge_keys([-3.0, -0.5, -0.0, 0.0, 2.0, 900.0], [0] * 6)
    assert (np.diff(keys[[0, 1, 2, 4, 5]].astype(float)) > 0).all()
    assert keys[2] == keys[3]
    assert keys[4] < limit_key(30.0) <= keys[5]
    assert len(np.unique(merge_keys(np.zeros(1000), np.arange(1000)))) == 1000


def test_mutual_best_borders():
    """Borders that are the cheapest of both their regions, and cheap enough; ties are all of them."""
    first, second = np.array([[0, 0, 1, 2, 4, 6], [1, 2, 2, 3, 5, 7]], np.int32)
    keys = np.array([5, 3, 9, 3, 8, 2], np.uint64)
    borders = Borders(first, second, np.ones_like(first))
    np.testing.assert_array_equal(mutual_best(borders, keys, 8, np.uint64(8)), [1, 3, 5])


def test_tied_edges_never_share_a_region():
    """Of a chain of edges with one key, those stay that come first and do not meet."""
    first, second = np.array([[3, 0, 1, 2, 7], [4, 1, 2, 3, 8]], np.int32)
    chosen = disjoint(Borders(first, second, np.ones_like(first)), np.arange(5, dtype=np.int32), 9)
    assert sorted(zip(first[chosen], second[chosen], strict=True)) == [(0, 1), (7, 8)]


def test_signatures_are_mirrored_and_otherwise_unlike():
    """A pixel and its mirror pixel share a signature, all others have their own."""
    signatures = pixel_signatures(Window(0, 0, 100, 100))
    np.testing.assert_array_equal(signatures, signatures.T)
    assert len(np.unique(signatures)) == 100 * 101 / 2
    np.testing.assert_array_equal(pixel_signatures(Window(30, 7, 20, 5)), signatures[7:12, 30:50])

"""How like a tag is to what somebody typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mccs_graphql.domain.directory.likeness import LENGTH_MAX, Likeness, MatchQuality, likeness

TEXTS = st.text(st.sampled_from("abe sтж工ा "), max_size=30) | st.text(max_size=200)


def quality(query: str, word: str) -> MatchQuality | None:
    alike = likeness(query, word)
    return alike.quality if alike else None


def ranked(query: str, *words: str) -> list[str]:
    """Those of the words that are alike, the best first."""
    found = [(alike.rank, word) for word in words if (alike := likeness(query, word))]
    return [word for _, word in sorted(found)]


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("bread", "beard"),
        ("bread", "beard trimming"),
        ("car", "cat sitting"),
        ("car", "bars"),
        ("cat", "coats"),
        ("tea", "pears"),
        ("hens", "pens"),
        ("goats", "boats"),
        ("baking", "making"),
        ("it", "knitting"),
        ("木工", "石工"),
        ("zzzzqqq", "pizza"),
    ],
)
def test_other_words_are_not_alike(query: str, word: str) -> None:
    assert likeness(query, word) is None


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("fresh bread", "fresh pasta"),
        ("legal advice", "debt advice"),
        ("car repair", "car hire"),
        ("car repair", "carrots"),
        ("chair repair", "car repair"),
        ("boat repair", "boots"),
    ],
)
def test_half_of_what_is_asked_for_is_not_enough(query: str, word: str) -> None:
    assert likeness(query, word) is None


@pytest.mark.parametrize(("query", "word"), [("", "bread"), ("bread", ""), (" ", "bread")])
def test_nothing_is_like_no_word(query: str, word: str) -> None:
    assert likeness(query, word) is None


@pytest.mark.parametrize("text", ["a" * 5000, "a " * 2500, "ab cd " * 800, "ies " * 1250])
def test_long_text_is_cut_and_compared(text: str) -> None:
    assert quality(text, text[::-1]) in {*MatchQuality, None}
    assert quality(text, text + "b") is MatchQuality.EXACT


def test_letters_after_the_hundredth_do_not_count() -> None:
    assert quality("a" * LENGTH_MAX + "b", "a" * LENGTH_MAX + "c") is MatchQuality.EXACT


@pytest.mark.parametrize("word", ["bread", "car repair", "хлеб", "木工", "शहद"])
def test_same_text_is_exact(word: str) -> None:
    assert likeness(word, word) == Likeness(MatchQuality.EXACT, 100)


def test_same_words_in_another_order_are_exact_but_less() -> None:
    assert quality("repair car", "car repair") is MatchQuality.EXACT
    assert ranked("repair car", "car repair", "repair car") == ["repair car", "car repair"]


def test_beginning_of_a_tag_is_its_prefix() -> None:
    assert quality("vegetab", "vegetables") is MatchQuality.PREFIX
    assert quality("木工", "木工教室") is MatchQuality.PREFIX


def test_prefix_of_a_whole_word_comes_first_then_the_shorter_tag() -> None:
    words = ["carpentry", "cart", "car repair", "car hire", "cars"]

    assert ranked("car", *words) == ["cars", "car hire", "car repair", "cart", "carpentry"]


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("bread", "rye bread"),
        ("berries", "blueberries"),
        ("organic box", "vegetable box organic"),
        ("book keeping", "bookkeeping"),
        ("教室", "木工教室"),
    ],
)
def test_words_that_all_occur_in_the_tag_are_inside(query: str, word: str) -> None:
    assert quality(query, word) is MatchQuality.INSIDE


def test_inside_of_a_word_comes_after_whole_words_however_long() -> None:
    words = ["cart", "martial arts", "modern art", "courses for everybody who likes art"]

    assert ranked("art", *words) == ["modern art", "martial arts", words[-1], "cart"]


def test_other_gaps_come_first_among_those_inside() -> None:
    assert ranked("fire wood", "wood fired pizza", "firewood") == ["firewood", "wood fired pizza"]


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("vegtables", "vegetables"),
        ("vegetalbes", "vegetables"),
        ("braed", "bread"),
        ("egsg", "eggs"),
        ("wol", "wool"),
        ("fotography", "photography"),
        ("масаж", "массаж"),
        ("vegtables", "organic vegetables"),
        ("guitra lessons", "guitar lessons"),
        ("lessons guitra", "guitar lessons"),
        ("strawberys", "strawberries"),
    ],
)
def test_slips_are_forgiven(query: str, word: str) -> None:
    assert quality(query, word) is MatchQuality.SIMILAR


@pytest.mark.parametrize(
    "slips", ["xegetables", "vegetbles", "vegetabels", "vegetaables", "wegetabels"]
)
def test_long_words_may_have_two_slips(slips: str) -> None:
    assert quality(slips, "vegetables") is MatchQuality.SIMILAR


@pytest.mark.parametrize(("query", "word"), [("brxad", "brxyd"), ("pots", "posts")])
def test_words_of_four_and_five_letters_may_have_one_slip(query: str, word: str) -> None:
    assert quality(query, word) is MatchQuality.SIMILAR
    assert likeness(f"{query}x", f"{word}yz") is None


@pytest.mark.parametrize(
    ("plural", "singular"),
    [
        ("bakeries", "bakery"),
        ("boxes", "box"),
        ("tomatoes", "tomato"),
        ("loaves", "loaf"),
        ("knives", "knife"),
        ("vegetables", "vegetable"),
    ],
)
def test_plural_and_singular_are_alike_both_ways(plural: str, singular: str) -> None:
    assert quality(plural, singular) is MatchQuality.SIMILAR
    assert quality(singular, plural) in {MatchQuality.PREFIX, MatchQuality.SIMILAR}


def test_trade_is_like_the_one_who_does_it() -> None:
    assert quality("gardener", "gardening") is MatchQuality.SIMILAR
    assert quality("dog walker", "dog walking") is MatchQuality.SIMILAR


def test_tag_that_is_a_part_of_what_is_asked_for_is_similar_but_less() -> None:
    whole, part = likeness("fresh braed", "fresh bread"), likeness("fresh bread", "bread")

    assert whole is not None
    assert part is not None
    assert whole.quality is part.quality is MatchQuality.SIMILAR
    assert part.score < whole.score


@pytest.mark.parametrize(
    ("query", "word"), [("dogwalking", "dog walking"), ("webdesing", "web design")]
)
def test_other_gaps_are_similar(query: str, word: str) -> None:
    assert quality(query, word) is MatchQuality.SIMILAR


def test_qualities_come_in_their_order() -> None:
    words = ["vegetalbes", "organic vegetables", "vegetables", "vegetables for cattle"]

    assert ranked("vegetables", *words) == [words[2], words[3], words[1], words[0]]


def test_closer_words_come_first_among_similar_ones() -> None:
    words = ["organic vegetables", "vegetalbes", "vegetables"]

    assert ranked("vegtalbes", *words) == ["vegetalbes", "vegetables", "organic vegetables"]


@given(TEXTS)
def test_every_text_is_exactly_itself(text: str) -> None:
    alike = likeness(text, text)

    assert alike is not None
    assert alike.quality is MatchQuality.EXACT


@given(TEXTS, TEXTS)
def test_any_two_texts_have_a_likeness_that_stays(query: str, word: str) -> None:
    alike = likeness(query, word)

    assert alike == likeness(query, word)
    assert alike is None or 0 <= alike.score <= 100

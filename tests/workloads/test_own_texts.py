"""Learning curves on a user's labelled file, by the NumPy contender, and its baselines."""

import numpy as np
import pytest

from embbench.cases.capabilities import Inside
from embbench.cases.case import make_case
from embbench.cases.drawing import read_labelled
from embbench.cases.sources import find_source
from embbench.cases.tokens import parse_tokens
from embbench.contenders import discover, load
from embbench.errors import UsageError
from embbench.workloads._own_lesson import OwnLesson, naive_bayes
from embbench.workloads.topics import curves

SIZES = {"workload": "topics", "contender": "numpy", "dim": 8, "hidden": 8, "seq": 6, "batch": 16, "vocab": 500}
TELLING = {"fruit": ["apple", "pear", "plum"], "tool": ["saw", "drill", "file"], "bird": ["owl", "wren", "kite"]}


def written(path, texts=600):
    """Texts in which a keyword tells the label, in 9 of 10 texts."""
    rng = np.random.default_rng(0)
    lines = []
    for _ in range(texts):
        label = rng.choice(list(TELLING))
        told = label if rng.random() < 0.9 else rng.choice(list(TELLING))
        filling = [f"w{number}" for number in rng.integers(0, 200, 5)]
        lines.append(f"{label}\t{' '.join([*filling, rng.choice(TELLING[told])])}\n")
    path.write_text("".join(lines), encoding="utf-8")
    source = find_source(f"labelled:{path}")
    return source, make_case(
        {**SIZES, "tokens": source.stream, "texts": 480, "train_steps": 100, "optimizer": "momentum"}
    )


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    return written(tmp_path_factory.mktemp("own") / "texts.tsv")


def texts_of(source):
    return read_labelled(parse_tokens(source.stream), source)


def test_a_network_learns_what_the_keywords_tell(own):
    source, case = own
    (found,) = curves(case, [0], load(discover()["numpy"]).prepare, source)
    assert found.scores.keys() == {"loss", "errors", "training"}
    assert found.scores["loss"][0] == pytest.approx(np.log(3), abs=0.02), "outputs without a label do not count"
    assert found.scores["training"][-1] < 0.9 * found.scores["training"][0]
    assert found.facts["classes"] == 3
    assert found.facts["count_errors"] == pytest.approx(0.1 * 2 / 3, abs=0.06)
    assert found.facts["guess_errors"] == pytest.approx(2 / 3, abs=0.1)
    assert "beyond_floor" not in found.facts


def test_no_held_out_text_trains_and_seeds_hold_out_other_texts(own):
    source, case = own
    first, second = (OwnLesson(make_case({**asdict(case), "seed": seed}), texts_of(source)) for seed in (0, 1))
    for lesson in (first, second):
        trained = {tuple(row) for row in lesson.batches.ids.reshape(-1, case.seq)}
        held = lesson.held_out._asked(Numbers())[1][..., 0]
        assert not trained & {tuple(row) for row in held}
        assert (len(trained), len(held)) == (480, 120)
    assert (first.batches.ids != second.batches.ids).any()


class Numbers:
    """Its rows are their numbers."""

    def read_rows(self, ids):
        return ids[:, None]

    def inspect(self, ids):
        return Inside(None, {}, {})


def asdict(case):
    return {name: getattr(case, name) for name in case.__struct_fields__}


def test_held_out_texts_that_are_training_texts_are_left_out(tmp_path):
    path = tmp_path / "texts.tsv"
    path.write_text("a\tone two\n" * 50 + "b\tthree\n" * 50 + "".join(f"b\tw{at}\n" for at in range(100)))
    source = find_source(f"labelled:{path}")
    case = make_case({**SIZES, "tokens": source.stream})
    lesson = OwnLesson(case, texts_of(source))
    assert lesson.facts["held_out"] < 40
    assert set(lesson.held_out.labels) == {1}
    path.write_text("a\tone two\n" * 50 + "b\tthree\n" * 50)
    source = find_source(f"labelled:{path}")
    with pytest.raises(UsageError, match="all held-out texts are equal to training texts"):
        OwnLesson(make_case({**SIZES, "tokens": source.stream}), texts_of(source))


def test_too_few_texts_for_a_batch_are_refused(tmp_path):
    source, case = written(tmp_path / "few.tsv", 60)
    with pytest.raises(UsageError, match="48 of the 60 labelled texts train, which fill no batch of 64"):
        OwnLesson(make_case({**asdict(case), "batch": 64}), texts_of(source))


def test_naive_bayes_has_its_closed_form():
    """Two texts of label 0 with words 1, 2 and 1, 1; one of label 1 with words 3, 0; asked for word 1 and padding."""
    ids, labels = np.array([[1, 2], [1, 1], [3, 0]]), np.array([0, 0, 1])
    found = naive_bayes(ids, labels, 2, 4, np.array([[1, 0]]))
    assert np.exp(found[0]) == pytest.approx([3 / 5 * 4 / 7, 2 / 5 * 1 / 4])

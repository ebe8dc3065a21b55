"""What dropout and L2 do for few samples, from made-up rounds."""

import msgspec

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.cases.learning_curve import LearningCurve
from embbench.report.answers.dropout import answer, brief
from tests.made_up import case, measured

SIZES = {"workload": "dropout", "samples": 256, "train_steps": 300, "hidden": 32, "seq": 8}


def learning(low, last, scatter=0.001, **axes):
    """Eight seeds whose excess goes from 2 to `low` to `last`; seeds differ by `scatter`, in opposite directions."""
    given = case("none", "none", optimizer="adam", **SIZES, **axes)
    curves = tuple(
        LearningCurve(
            seed=seed,
            steps=(0, 150, 300),
            scores={
                "excess": (2.0, low + seed / 100, last + seed / 100 + scatter * (-1) ** seed),
                "training": (2.0, 0.1, -0.4),
            },
        )
        for seed in range(8)
    )
    return [msgspec.structs.replace(each, curves=curves) for each in measured(given, [0.010])]


PLAIN = learning(0.2, 0.5)
INPUT, L2 = learning(0.1, 0.3, dropout="input"), learning(0.2, 0.4, l2="1e-2")
NOISY = learning(0.2, 0.5, scatter=0.2, dropout="output")


def texts(lines, make=answer):
    results = collapse(lines)
    return [statement.text for statement in make(results, Measures(results))]


def test_overfitting_is_told_with_its_best_step():
    told = texts(PLAIN)[0]
    assert "an LSTM on 256 samples again and again" in told
    assert "smallest at step 150, " in told
    assert "After 300 steps (8 seeds) it is 0.53" in told
    assert "below 0, it learns their noise" in told


def test_remedies_are_compared_within_seeds_the_best_first():
    ends, best = [text for text in texts([*PLAIN, *L2, *INPUT, *NOISY]) if ", LSTM, " in text]
    assert "against no remedy: input dropout -0.2 (" in ends
    assert ends.index("input dropout") < ends.index("L2 of 1e-2 -0.1 (")
    assert "output dropout cannot tell" in ends
    assert "input dropout -0.1 (" in best
    assert "L2 of 1e-2 cannot tell" in best


def test_the_first_screen_has_a_line_of_the_contender_with_most_remedies():
    assert texts([*PLAIN, *INPUT, *L2], brief) == ["LSTM, excess by dropout of input -0.2; by L2 of 1e-2 -0.1."]
    assert texts([*PLAIN, *L2], brief) == ["LSTM, excess by L2 of 1e-2 -0.1."]
    assert texts(PLAIN, brief) == []

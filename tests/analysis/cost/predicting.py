"""A prediction from made-up rounds."""

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.analysis.cost.predict import predict
from tests.made_up import case


def predicted(rounds, **axes):
    """The prediction of the case with these axes."""
    results = collapse(rounds)
    return predict(case(**axes), results, Measures(results))

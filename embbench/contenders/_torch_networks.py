"""The networks of PyTorch trials by workload. Imported by name, so that the digest of a contender has them."""

from embbench.contenders._torch_classifier import Classifier
from embbench.contenders._torch_network import Network
from embbench.contenders._torch_tagger import Tagger

NETWORKS: dict[str, type[Network]] = {"classifier": Classifier, "tagger": Tagger}

"""The networks of PyTorch trials by workload. Imports are explicit, so that the digest of a contender includes them."""

from embbench.engines.torch.classifier import Classifier
from embbench.engines.torch.lstm_network import Network
from embbench.engines.torch.tagger import Tagger

NETWORKS: dict[str, type[Network]] = {"classifier": Classifier, "tagger": Tagger}

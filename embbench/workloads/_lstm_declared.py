"""Axes and parts of workloads with a table in front of an LSTM."""

AXES = {
    "hidden": {"default": 128, "help": "Units of a layer of the network.", "unit": "hidden unit", "training": 32},
    "layers": {"default": 1, "help": "Layers of the network."},
    "trainable_dim": {
        "default": 0,
        "help": "Columns of a hybrid table that train; 0: a quarter of --dim.",
        "least": 0,
        "table": "hybrid",
    },
}

# An update in the backward pass belongs to 'gradients'. Some libraries take far longer for the square root of zeros,
# the state of rows that no batch has touched yet.
PARTS = {
    "lookup": {"label": "lookup", "help": "the lookup of a batch's rows", "profiled": "lookup"},
    "network": {
        "label": "network, loss",
        "help": "lookup, loss, and all gradients except the table's",
        "includes": "lookup",
    },
    "gradients": {
        "label": "gradient to the table",
        "help": "loss and all gradients, with the table's",
        "includes": "network",
        "profiled": "gradient",
        "trains_table": True,
    },
    "update_table": {
        "label": "optimizer on the table",
        "help": "the optimizer on the table",
        "profiled": "optimizer",
        "trains_table": True,
    },
    "update_rest": {
        "label": "optimizer on the rest",
        "help": "the optimizer on all weights except the table",
        "profiled": "optimizer",
    },
    "update": {
        "label": "optimizer",
        "help": "the whole optimizer, where it cannot be divided",
        "profiled": "optimizer",
    },
    "square_root": {
        "label": "square root",
        "help": "the square root of optimizer state, where it is an operator of its own",
        "within": "update_table",
    },
}

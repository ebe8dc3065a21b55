#!/bin/bash
# What a machine with a CUDA GPU must show, in stages.
#
#   tests/device/cuda.sh                           all stages
#   tests/device/cuda.sh audits scaling            these stages
#   DEVICE=cpu SMALL=1 tests/device/cuda.sh        a rehearsal without a GPU, on small tables
#
# PYTHON: an interpreter with embbench's dependencies, pytest and frameworks. PYTHONS: further interpreters, as in
# --python, such as torch=.venv-torch/bin/python,jax=.venv-jax/bin/python. OUT: folder of the results, and of what each
# stage printed. A stage that passed is not run again unless its text there is removed, and one that was stopped goes on
# where it was. By the times of rounds in results/frameworks-h200.jsonl and results/embedding-scaling-h200.jsonl, all
# stages take about 25 minutes, and none more than 9. The exit code is that of the first stage that failed.
set -uo pipefail
cd "$(dirname "$0")/../.."
PYTHON=${PYTHON:-python3}
DEVICE=${DEVICE:-cuda}
OUT=${OUT:-results/local/$DEVICE}
STAGES="machine audits scaling memory frameworks graph table ranks explain streams selftest"
if [ -n "${SMALL:-}" ]; then
    ONE=4k THREE=2k,4k SIZES=1k,2k,4k NETWORK="--dim 16 --hidden 16 --seq 8" ROWS="--vocab 4k"
else
    ONE=2M THREE=200k,2M,20M SIZES=200k,1M,2M NETWORK="" ROWS=""
fi
export PYTHONPATH=$PWD${PYTHONPATH:+:$PYTHONPATH}
mkdir -p "$OUT"

embbench() {
    echo "\$ embbench $*"
    "$PYTHON" -c 'import sys; from embbench.cli import main; sys.exit(main())' "$@"
}

# shellcheck disable=SC2086  # NETWORK is several words
run() { embbench run --device "$DEVICE" ${PYTHONS:+--python "$PYTHONS"} $NETWORK "$@"; }

# The interpreters of PYTHONS whose name begins with $1, one a line.
named() { tr ',' '\n' <<< "${PYTHONS:-}" | sed -n "s/^$1[^=]*=//p"; }

machine() {
    embbench doctor ${PYTHONS:+--python "$PYTHONS"} && embbench doctor --ceilings --device "$DEVICE" &&
        cp results/ceilings/*-"$DEVICE"-*.json "$OUT"
}

# All contenders, each in the interpreter that has its packages, and all pairs of the contender that only a GPU has.
audits() {
    local python code=0
    while read -r python; do
        "$python" -m pytest -q -n 0 tests/contenders/test_contract.py --device "$DEVICE" || code=$?
    done < <({ echo "$PYTHON" && named ""; } | sort -u)
    python=$(named torch | tail -n 1)
    "${python:-$PYTHON}" -m pytest -q -n 0 tests/contenders/test_contract.py --device "$DEVICE" --all-pairs \
        -k pytorch_graph || code=$?
    return "$code"
}

# The question of the README, up to 20M rows: 51 GB at the peak of default Adam.
scaling() { run --vocab $THREE --within 4m --out "$OUT/embedding-scaling.jsonl"; }

# Peaks of device memory against arithmetic.
memory() {
    embbench report "$OUT/embedding-scaling.jsonl" --metric peak_ratio,theoretical_peak,device_step_peak,table_copies
}

# shellcheck disable=SC2086  # ROWS is several words
frameworks() {
    run --suite tests/device/cuda-frameworks.toml $ROWS --rounds 1 --preset quick --out "$OUT/frameworks.jsonl"
}

# The whole step in one CUDA graph, beside the same step in eager PyTorch.
graph() {
    run --contender pytorch,pytorch_graph --vocab $ONE --table frozen,trainable --update default,fused --preset quick \
        --rounds 2 --col contender --out "$OUT/graph.jsonl"
}

# The table's part of a step alone, and the share of the memory's rate that it reaches. FBGEMM's own figures are 62 to 65
# % of the peak rate forward, 26 to 48 % backward.
# shellcheck disable=SC2086  # ROWS is several words
table() { run --suite tests/device/cuda-table.toml $ROWS --rounds 1 --preset quick --out "$OUT/table.jsonl"; }

# The contenders of several processes in a single process, with NCCL: NCCL refuses two processes on one GPU.
ranks() { run --suite ranks --ranks 1 --vocab $ONE --preset quick --rounds 1 --out "$OUT/ranks.jsonl"; }

# Where the time of a step goes: several sizes, parts of a step, profile, ceilings.
explain() {
    run --suite explain --vocab $SIZES --table trainable --update default,fused --runtime system --rounds 2 \
        --out "$OUT/explain.jsonl" && embbench explain "$OUT/explain.jsonl" --details
}

# Contention: all lookups of a batch read and update the same row, or nearly each lookup another row.
streams() {
    run --tokens same,uniform --vocab $ONE --table trainable --update default,sparse,compact --preset quick \
        --col tokens --out "$OUT/streams.jsonl"
}

# Equal programs, and a pair of programs of which the second is slowed by 5 %.
# shellcheck disable=SC2086  # NETWORK is several words
selftest() {
    local python
    python=$(named torch | tail -n 1)
    PYTHON=${python:-$PYTHON} embbench selftest --contender pytorch --vocab $ONE --device "$DEVICE" $NETWORK \
        --comparisons 1 --budget 90 --out "$OUT/selftest"
}

# shellcheck disable=SC2086  # STAGES is several words
[ $# = 0 ] && set -- $STAGES
failed=0
for stage in "$@"; do
    if [[ " $STAGES " != *" $stage "* ]]; then
        echo "unknown stage '$stage': one of $STAGES" >&2
        exit 2
    fi
    if tail -n 1 "$OUT/$stage.txt" 2> /dev/null | grep -q "^stage $stage: exit code 0 "; then
        echo "stage $stage: passed before, see $OUT/$stage.txt"
        continue
    fi
    begun=$SECONDS
    "$stage" 2>&1 | tee "$OUT/$stage.txt"
    code=${PIPESTATUS[0]}
    echo "stage $stage: exit code $code after $((SECONDS - begun)) s" | tee -a "$OUT/$stage.txt"
    ((failed == 0)) && failed=$code
done
exit "$failed"

#!/bin/bash
# What a machine with a CUDA GPU must show. Each stage takes less than nine minutes, all stages less than 25.
#
#   tests/device/cuda.sh                   all stages
#   tests/device/cuda.sh audits scaling    these stages
#   DEVICE=cpu QUICK=1 tests/device/cuda.sh   a rehearsal without a GPU
#
# PYTHON: an interpreter with embbench's dependencies and frameworks. OUT: folder of the results; a stage whose results
# are complete there is not measured again. The exit code is that of the first stage that failed.
set -uo pipefail
cd "$(dirname "$0")/../.."
PYTHON=${PYTHON:-python3}
DEVICE=${DEVICE:-cuda}
OUT=${OUT:-results/local/cuda}
QUICK=${QUICK:+--vocab 2k,4k --dim 16 --hidden 16 --seq 8 --preset quick}
export PYTHONPATH=$PWD${PYTHONPATH:+:$PYTHONPATH}
mkdir -p "$OUT"

embbench() {
    echo "\$ embbench $*"
    "$PYTHON" -c 'import sys; from embbench.cli import main; sys.exit(main())' "$@"
}

machine() { nvidia-smi; embbench doctor && embbench doctor --ceilings --device "$DEVICE"; }

audits() { "$PYTHON" -m pytest -q -n 0 tests/contenders/test_contract.py --device "$DEVICE"; }

# The question of the README, up to 20M rows: 10 GB of weights, 41 GB with gradient and moments.
scaling() {
    embbench run --vocab 200k,2M,20M --device "$DEVICE" --within 5m --out "$OUT/embedding-scaling.jsonl" ${QUICK}
}

frameworks() { embbench run --suite frameworks --device "$DEVICE" --within 7m --out "$OUT/frameworks.jsonl" ${QUICK}; }

# Four sizes, parts of a step, profile, ceilings: where the time goes.
explain() {
    embbench run --suite explain --device "$DEVICE" --out "$OUT/explain.jsonl" ${QUICK} &&
        embbench explain "$OUT/explain.jsonl"
}

# Contention: every lookup reads and updates the same row, or nearly every lookup another row.
streams() {
    embbench run --tokens same,uniform,words --vocab 2M --update default,fused,sparse,compact --device "$DEVICE" \
        --preset quick --col tokens --out "$OUT/streams.jsonl" ${QUICK}
}

# Equal programs, and programs of which one is slowed by 5 %.
selftest() { embbench selftest --contender pytorch --vocab 200k --device "$DEVICE" --comparisons 3 --budget 30 ${QUICK}; }

failed=0
for stage in "${@:-machine audits scaling frameworks explain streams selftest}"; do
    for each in $stage; do
        begun=$SECONDS
        "$each"
        code=$?
        echo "stage $each: exit code $code after $((SECONDS - begun)) s"
        ((failed == 0)) && failed=$code
    done
done
exit "$failed"

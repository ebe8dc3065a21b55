#!/bin/bash
# What a machine with a CUDA GPU must show, in stages.
#
#   tests/device/cuda.sh                           all stages
#   tests/device/cuda.sh audits scaling            these stages
#   DEVICE=cpu SMALL=1 tests/device/cuda.sh        a rehearsal without a GPU, on small tables
#
# PYTHON: an interpreter with embbench's dependencies and frameworks. PYTHONS: further interpreters, as in --python, such
# as torch=.venv-torch/bin/python,jax=.venv-jax/bin/python. OUT: folder of the results, and of what each stage printed. A
# stage that passed is not run again unless its text there is removed, and one that was stopped goes on where it was. All
# stages take about 25 minutes, and none more than 9. The exit code is that of the first stage that failed.
set -uo pipefail
cd "$(dirname "$0")/../.."
PYTHON=${PYTHON:-python3}
DEVICE=${DEVICE:-cuda}
OUT=${OUT:-results/local/$DEVICE}
if [ -n "${SMALL:-}" ]; then
    ONE=4k THREE=2k,4k FOUR=1k,2k,4k,8k NETWORK="--dim 16 --hidden 16 --seq 8"
else
    ONE=2M THREE=200k,2M,20M FOUR=200k,500k,2M,5M NETWORK=""
fi
export PYTHONPATH=$PWD${PYTHONPATH:+:$PYTHONPATH}
mkdir -p "$OUT"

embbench() {
    echo "\$ embbench $*"
    "$PYTHON" -c 'import sys; from embbench.cli import main; sys.exit(main())' "$@"
}

# shellcheck disable=SC2086  # NETWORK is several words
run() { embbench run --device "$DEVICE" ${PYTHONS:+--python "$PYTHONS"} $NETWORK "$@"; }

machine() { embbench doctor ${PYTHONS:+--python "$PYTHONS"} && embbench doctor --ceilings --device "$DEVICE"; }

audits() { "$PYTHON" -m pytest -q -n 0 tests/contenders/test_contract.py --device "$DEVICE"; }

# The question of the README, up to 20M rows: 51 GB at the peak of default Adam.
scaling() { run --vocab $THREE --within 7m --out "$OUT/embedding-scaling.jsonl"; }

frameworks() { run --suite frameworks --vocab $ONE --runtime system --rounds 1 --out "$OUT/frameworks.jsonl"; }

# Peaks of device memory against arithmetic.
memory() {
    embbench report "$OUT/embedding-scaling.jsonl" --metric peak_ratio,theoretical_peak,device_step_peak,table_copies
}

# The contenders of several processes in a single process, with NCCL: NCCL refuses two processes on one GPU.
ranks() {
    run --suite ranks --contender ddp,dtensor,fsdp2,torchrec,jax_sharded,jax_devices --ranks 1 --vocab $ONE \
        --preset quick --rounds 1 --out "$OUT/ranks.jsonl"
}

# Where the time of a step goes: several sizes, parts of a step, profile, ceilings.
explain() {
    run --suite explain --vocab $FOUR --table trainable --update default,fused --runtime system --rounds 2 \
        --out "$OUT/explain.jsonl" && embbench explain "$OUT/explain.jsonl" --details
}

# Contention: all lookups of a batch read and update the same row, or nearly each lookup another row.
streams() {
    run --tokens same,uniform,words --vocab $ONE --update default,fused,sparse,compact --preset quick --col tokens \
        --out "$OUT/streams.jsonl"
}

# Equal programs, and pairs of programs of which the second is slowed by 5 %.
# shellcheck disable=SC2086
selftest() {
    embbench selftest --contender pytorch --vocab ${ONE} --device "$DEVICE" $NETWORK --comparisons 2 --budget 30
}

[ $# = 0 ] && set -- machine audits scaling memory frameworks ranks explain streams selftest
failed=0
for stage in "$@"; do
    case $stage in
        machine | audits | scaling | memory | frameworks | ranks | explain | streams | selftest) ;;
        *)
            known="machine, audits, scaling, memory, frameworks, ranks, explain, streams or selftest"
            echo "unknown stage '$stage': $known" >&2
            exit 2
            ;;
    esac
    if tail -n 1 "$OUT/$stage.txt" 2>/dev/null | grep -q "^stage $stage: exit code 0 "; then
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

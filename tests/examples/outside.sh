#!/usr/bin/env bash
# A third party's way: plugins and programs are built against nothing but an installed Mixwright: all
# of examples/, and the README's mixer. Their own tests run, each config trains for a moment, and a
# program in C++ answers as `mixwright predict` does.
#
#   outside.sh SOURCE_FOLDER PREFIX WORK_FOLDER
set -euo pipefail
source=$1 prefix=$2 work=$3
mixwright=$prefix/bin/mixwright

fail() {
  echo "outside.sh: $*" >&2
  exit 1
}

# Runs a step; its output is shown only where it fails.
quietly() {
  local log=$work/$1.log
  shift
  "$@" >"$log" 2>&1 || { cat "$log"; fail "failed: $*"; }
}

make_tree() {
  mkdir -p "$work/tree/readme"
  cp -r "$source/examples" "$work/tree/examples"
  cp "$source/examples/shift/CMakeLists.txt" "$work/tree/readme"
  # The README's only C++.
  awk '/^```cpp$/ {inside = 1; next} /^```$/ {inside = 0} inside' "$source/README.md" \
    >"$work/tree/readme/mean.cpp"
  sed -i 's/MIXWRIGHT_PLUGIN("mine"/MIXWRIGHT_PLUGIN("readme"/' "$work/tree/readme/mean.cpp"
  cat >"$work/tree/CMakeLists.txt" <<END_OF_FILE
cmake_minimum_required(VERSION 3.25)
project(third_party LANGUAGES CXX)
enable_testing()
add_subdirectory(examples)
add_subdirectory(readme)
END_OF_FILE
  # One config extends the source tree's quick start.
  ln -s "$source/configs" "$work/tree/configs"
}

build_tree() {
  quietly cmake cmake -S "$work/tree" -B "$work/build" -G Ninja -DCMAKE_CXX_COMPILER=clang++-19 \
    -DMixwright_DIR="$prefix/lib/cmake/Mixwright"
  quietly ninja ninja -C "$work/build" -j2
  if grep -F -e "$source/sdk" -e "$source/framework" -e "$source/.venv" "$work/build/build.ninja"; then
    fail "something is built against the source tree"
  fi
}

# A few steps of a config, with the plugin that its folder makes.
train_briefly() {
  local name=$1
  shift
  quietly "train-$name" "$mixwright" --plugin-path "$work/build/examples/$name/lib$name.so" \
    train "$work/tree/examples/$name/$name.toml" --out "$work/runs/$name" --stop-after 20 "$@"
  [[ -e $work/runs/$name/last ]] || fail "$name: no checkpoint"
}

train_all() {
  local name
  python3 "$work/tree/examples/csv_dataset/fashion_mnist_to_csv.py" --rows 2000 "$work/csv"
  for name in cuda_kernel custom_kernel dynamic_tanh fourier_mixer gated_mlp shift; do train_briefly "$name"; done
  train_briefly csv_dataset --set "data.train=\"$work/csv/train.csv\"" \
    --set "data.test=\"$work/csv/test.csv\""
}

# Both read the same pictures, of any size.
compare_answers() {
  local picture=$source/docs/images/quickstart.png
  export MIXWRIGHT_PLUGIN_PATH=$work/build/examples/fourier_mixer
  "$mixwright" predict "$work/runs/fourier_mixer" "$picture" --top 1 >"$work/program.txt"
  "$work/build/examples/predict_in_cpp/predict" "$work/runs/fourier_mixer" "$picture" \
    >"$work/library.txt"
  unset MIXWRIGHT_PLUGIN_PATH
  diff <(awk '{printf "%s %s %.1f\n", $1, $2, $(NF-1)}' "$work/program.txt") \
    <(awk '{printf "%s %s %.1f\n", $1, $2, $(NF-1)}' "$work/library.txt") \
    || fail "program and library answer differently"
}

# Where there is no nvcc, no CUDA in LibTorch or no GPU, nobody may think that the kernels were tested.
say_what_cuda_did() {
  grep "its .cu files are left out" "$work/cmake.log" || echo "the .cu files were compiled"
  "$work/build/examples/cuda_kernel/cuda_kernel_tests" | tee "$work/cuda_kernel.log"
  grep -q -e "^SKIPPED: " -e "gradient of x" "$work/cuda_kernel.log" \
    || fail "cuda_kernel_tests says neither what it measured nor that it skipped"
}

# The installed program finds its own plugins, and the strangers' where it is told.
summarise_both() {
  cat >"$work/model.toml" <<END_OF_FILE
[model]
input = { shape = [8, 8, 3], classes = 4 }
head = "classifier"
[[model.stage]]
embedding = { type = "patch", size = 2 }
dim = 8
depth = 2
block = "serial"
norm = "layer_norm"
token_mixer = ["shift", "mean"]
END_OF_FILE
  "$mixwright" plugins check "$work/build/examples/shift/libshift.so"
  "$mixwright" plugins check "$work/build/readme/libreadme.so"
  (cd "$work" && "$mixwright" --plugin-path "$work/build/examples/shift/libshift.so" \
    --plugin-path "$work/build/readme/libreadme.so" model summary model.toml)
}

rm -rf "$work" && mkdir -p "$work"
make_tree
build_tree
quietly ctest ctest --test-dir "$work/build" -j2 --output-on-failure
say_what_cuda_did
train_all
compare_answers
summarise_both

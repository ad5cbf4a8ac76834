#!/usr/bin/env bash
# Makes this machine ready to build: Debian packages and the project's own Python with LibTorch.
# Installs only what is missing and may be called as often as you like. With --developer it also
# fetches the headers that scripts/tidy.sh needs, and doxygen.
#
#   MIXWRIGHT_TORCH_INDEX=URL    package index to take torch from
#   MIXWRIGHT_ALLOW_CUDA=1       accept the CUDA build of torch on a machine without an NVIDIA GPU
#   TORCH_ROOT=FOLDER            use this LibTorch 2.13.0; no torch is installed
#   PYTHON=PROGRAM               the Python that .venv is made from
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

readonly torch_version=2.13.0
readonly venv=.venv
readonly deps=.deps

# What is needed, and what shows that it is there: a program or a file. Asking for the thing and not
# for the package accepts what was installed in another way.
needs=(
  "cmake cmake" "ninja-build ninja" "git git" "ccache ccache" "g++ g++"
  "clang-19 clang++-19" "lld-19 ld.lld-19"
  "clang-format-19 clang-format-19" "clang-tidy-19 clang-tidy-19"
  "libclang-rt-19-dev /usr/lib/llvm-19/lib/clang/19/lib/linux/libclang_rt.asan-$(uname -m).a"
  "gnuplot-nox gnuplot"
  "libtomlplusplus-dev /usr/include/toml++/toml.h"
  "libspdlog-dev /usr/include/spdlog/spdlog.h"
  "libcli11-dev /usr/include/CLI/CLI.hpp"
  "nlohmann-json3-dev /usr/include/nlohmann/json.hpp"
  "libgtest-dev /usr/include/gtest/gtest.h"
  "libgmock-dev /usr/include/gmock/gmock.h"
  "zlib1g-dev /usr/include/zlib.h"
  "libjpeg62-turbo-dev /usr/include/jpeglib.h"
  "libpng-dev /usr/include/png.h"
  "libcurl4-openssl-dev curl-config"
  "libarchive-dev /usr/include/archive.h"
  "dataset-fashion-mnist /usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz"
)

is_there() {
  if [[ $1 == /* ]]; then [[ -e $1 ]]; else command -v "$1" >/dev/null; fi
}

boost_suffices() {
  local header
  for header in "$deps/usr/include/boost/version.hpp" /usr/local/include/boost/version.hpp \
    /usr/include/boost/version.hpp; do
    if [[ -e $header && -e ${header%version.hpp}dll.hpp ]] &&
      (($(awk '$1 == "#define" && $2 == "BOOST_VERSION" {print $3}' "$header") >= 108100)); then
      return 0
    fi
  done
  return 1
}

find_python() {
  local candidate
  for candidate in ${PYTHON:-} python3 /usr/bin/python3; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "root is needed to install packages and there is no sudo; as root: $*"
  fi
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends --no-remove "$@" >/dev/null
}

# Boost's versions exclude each other as packages. Where another one is installed it stays, and ours
# is unpacked inside the project.
install_boost() {
  local package=libboost1.81-dev
  if ! apt-cache show "$package" >/dev/null 2>&1; then package=libboost-dev; fi
  if apt_install "$package"; then return; fi
  say "another Boost is installed and stays; unpacking $package into $deps/"
  mkdir -p "$deps"
  (cd "$deps" && apt-get download -qq -o APT::Sandbox::User=root "$package" && dpkg -x "$package"_*.deb . && rm -f ./*.deb)
}

install_packages() {
  local missing=() need python
  for need in "${needs[@]}"; do
    if ! is_there "${need#* }"; then missing+=("${need%% *}"); fi
  done
  python=$(find_python)
  if [[ -z $python ]]; then missing+=(python3); fi
  # Only where the Python in use lacks it: a Python built from source brings its own.
  if [[ ! -x $venv/bin/python ]] && ! "${python:-false}" -c 'import ensurepip, venv' 2>/dev/null; then
    missing+=(python3-venv)
  fi
  local boost_missing=0
  if ! boost_suffices; then boost_missing=1; fi
  if ((${#missing[@]} == 0 && boost_missing == 0)); then return; fi

  command -v apt-get >/dev/null ||
    fail "missing: ${missing[*]} $( ((boost_missing)) && echo 'Boost >= 1.81 (headers)'); this" \
      "system has no apt-get, so install them with its own package manager and run this again"
  say "installing packages:${missing[*]/#/ }$( ((boost_missing)) && echo ' Boost')"
  as_root apt-get update -qq || say "warning: apt-get update failed; trying with the lists at hand"
  if ((${#missing[@]})); then
    apt_install "${missing[@]}" ||
      fail "apt-get could not install ${missing[*]}; nothing of yours was removed. Its messages" \
        "stand above; install what it names by hand and run this again"
  fi
  if ((boost_missing)); then install_boost; fi
  for need in "${needs[@]}"; do
    is_there "${need#* }" || fail "package ${need%% *} is installed but ${need#* } is not there"
  done
  boost_suffices || fail "Boost >= 1.81 with boost/dll.hpp expected in /usr/include or $deps"
}

# The headers that clang-tidy's plugins are written against: 71 MB to download, 57 MB kept, unpacked
# in the project because the packages would bring 650 MB of libraries into the system.
fetch_clang_headers() {
  local package version
  local file=lib/llvm-19/include/clang-tidy/ClangTidyCheck.h
  if [[ -e $deps/llvm/usr/$file || (-e /usr/$file && -e /usr/include/llvm-19/llvm) ]]; then return; fi
  command -v apt-get >/dev/null || fail "the headers of clang-tidy 19 are needed in /usr/$file"
  say "fetching the headers of clang-tidy (71 MB)"
  version=$(dpkg-query -W -f '${Version}' clang-tidy-19)
  rm -rf "$deps/llvm" && mkdir -p "$deps/llvm.part"
  (
    cd "$deps/llvm.part"
    for package in libclang-19-dev llvm-19-dev; do
      apt-get download -qq -o APT::Sandbox::User=root "$package=$version" ||
        fail "apt-get could not download $package=$version; after apt-get update it may"
      dpkg --fsys-tarfile "$package"_*.deb | tar x --wildcards '*/include/*'
      rm "$package"_*.deb
    done
  )
  mv "$deps/llvm.part" "$deps/llvm"
}

site_packages() { echo "$venv"/lib/python3.*/site-packages; }

installed_torch() {
  sed -n "s/^__version__ = '\(.*\)'/\1/p" "$(site_packages)/torch/version.py" 2>/dev/null || true
}

# The pinned packages, seen by their files: starting Python and torch would take seconds.
python_is_ready() {
  local line name version
  [[ -x $venv/bin/python && -e $(site_packages)/torch/lib/libtorch_cpu.so ]] || return 1
  [[ $(installed_torch) == "$torch_version" || $(installed_torch) == "$torch_version"+* ]] || return 1
  while IFS= read -r line; do
    if [[ $line != *==* || $line == torch==* ]]; then continue; fi
    name=${line%%==*} version=${line##*==}
    name=${name//-/_}
    compgen -G "$(site_packages)/$name-$version*.dist-info" >/dev/null || return 1
  done <scripts/constraints.txt
}

has_nvidia_gpu() { [[ -e /proc/driver/nvidia/version || -e /dev/nvidia0 ]]; }

pip() { "$venv/bin/python" -m pip --disable-pip-version-check "$@"; }

# The packages of NVIDIA that a torch requirement would bring, without downloading them.
cuda_packages_of() {
  local report
  report=$(pip install --quiet --dry-run --no-deps --ignore-installed --report - \
    "${torch_source[@]}" "$1") || return 1
  "$venv/bin/python" -c '
import json, re, sys
for item in json.load(sys.stdin)["install"]:
    for need in item["metadata"].get("requires_dist", []):
        if re.match(r"(nvidia|cuda)-", need) and "extra ==" not in need:
            print(re.match(r"[\w.-]+", need).group())' <<<"$report"
}

install_torch() {
  local requirement="torch==$torch_version" cuda
  torch_source=()
  if [[ -n ${MIXWRIGHT_TORCH_INDEX:-} ]]; then torch_source=(--index-url "$MIXWRIGHT_TORCH_INDEX"); fi
  say "asking the package index for $requirement"
  if ! has_nvidia_gpu && [[ ${MIXWRIGHT_ALLOW_CUDA:-0} != 1 ]]; then
    if cuda_packages_of "$requirement+cpu" >/dev/null 2>&1; then
      requirement+="+cpu"
    else
      cuda=$(cuda_packages_of "$requirement") ||
        fail "the package index has no $requirement for this Python; choose another index with" \
          "MIXWRIGHT_TORCH_INDEX=URL"
      if [[ -n $cuda ]]; then
        fail "the package index serves torch $torch_version as a CUDA build (about 3 GB to download," \
          "6 GB on disk, $(wc -l <<<"$cuda") NVIDIA packages), and no NVIDIA GPU is in this machine." \
          "Set MIXWRIGHT_TORCH_INDEX to the address of the PyTorch project's CPU wheel index" \
          "(about 200 MB), or MIXWRIGHT_ALLOW_CUDA=1 to take the CUDA build all the same"
      fi
    fi
  else
    cuda=$(cuda_packages_of "$requirement") || fail "the package index has no $requirement"
  fi
  if [[ -n ${cuda:-} ]]; then
    say "downloading torch $torch_version with CUDA: about 3 GB, 6 GB on disk"
  else
    say "downloading torch $torch_version for the CPU: about 200 MB, 800 MB on disk"
  fi
  pip install --quiet --no-deps "${torch_source[@]}" "$requirement" || fail "pip could not install $requirement"
}

install_python() {
  if [[ -n ${TORCH_ROOT:-} ]]; then
    [[ -e $TORCH_ROOT/lib/libtorch_cpu.so ]] ||
      fail "TORCH_ROOT=$TORCH_ROOT holds no lib/libtorch_cpu.so"
    return
  fi
  if python_is_ready; then return; fi
  if [[ ! -x $venv/bin/python ]] || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    say "creating $venv"
    "$(find_python)" -m venv --clear "$venv" || fail "python3 -m venv $venv failed"
  fi
  if ! pip install --help | grep -q -- --report; then pip install --quiet --upgrade pip; fi
  if [[ $(installed_torch) != "$torch_version" && $(installed_torch) != "$torch_version"+* ]]; then
    install_torch
  fi
  # torch is there now, so its own line is content and only what it needs is added.
  pip install --quiet --constraint scripts/constraints.txt torch numpy safetensors jsonschema ||
    fail "pip could not install the Python packages of scripts/constraints.txt"
  # Of tensorboard what reads event files, 16 MB; its pages would bring 70 MB more.
  pip install --quiet --no-deps --constraint scripts/constraints.txt tensorboard protobuf absl-py ||
    fail "pip could not install tensorboard as scripts/constraints.txt says"
  local got
  got=$("$venv/bin/python" -c 'import torch; print(torch.__version__)')
  [[ $got == "$torch_version" || $got == "$torch_version"+* ]] ||
    fail "torch $torch_version expected in $venv, got $got; remove $venv and run this again"
  python_is_ready || fail "$venv is not as scripts/constraints.txt says; remove it and run this again"
}

if [[ ${1:-} == --developer ]]; then needs+=("doxygen doxygen"); fi
install_packages
install_python
if [[ ${1:-} == --developer ]]; then fetch_clang_headers; fi

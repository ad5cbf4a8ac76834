#!/bin/sh
# ccache PROGRAM, COMPILER and its arguments: compiles through ccache in a way that one build folder
# can use what another one compiled.
#
# - The dependency file names every header behind the precompiled one too, and ccache compares their
#   contents. So the precompiled header itself, which differs from folder to folder by the paths in
#   it, need not be compared: a constant file beside it (.sum) stands for it.
# - Paths into the build folder become relative, as do those into the sources.
CCACHE_BASEDIR=$(cd "$(dirname "$0")/.." && pwd)
CCACHE_SLOPPINESS=pch_defines,time_macros
CCACHE_DEPEND=1
CCACHE_PCH_EXTSUM=1
CCACHE_ABSSTDERR=1
export CCACHE_BASEDIR CCACHE_SLOPPINESS CCACHE_DEPEND CCACHE_PCH_EXTSUM CCACHE_ABSSTDERR

case " $* " in
  *" -emit-pch "*) exec "$@" ;;
esac

for argument; do
  shift
  case $argument in
    "$PWD"/*) argument=./${argument#"$PWD"/} ;;
  esac
  set -- "$@" "$argument"
done
exec "$@"

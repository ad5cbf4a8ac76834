// Nothing: this file gives the target that owns the precompiled header something to compile.

// A library without anything, which stands for one that must not come into the process twice.
extern "C" __attribute__((visibility("default"))) int boundary_empty();
int boundary_empty() {
  return 0;
}

#include "vendor.h"

int vendor_version() {
  return VENDOR_VERSION;
}

int vendor::answer() {
  return vendor_version() * 100 + calls();
}

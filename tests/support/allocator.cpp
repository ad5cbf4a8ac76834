// The standard library leaves the code of std::allocator<char> to the compiler's inliner and
// exports none of it. The tests are compiled without that pass (tests/CMakeLists.txt), so they
// bring it.

#include <memory>

template class std::allocator<char>;

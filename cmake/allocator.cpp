// The standard library leaves the code of std::allocator<char> to the compiler's inliner and
// exports none of it. What is compiled without that pass (mixwright_unoptimised) brings it.

#include <memory>

template class std::allocator<char>;

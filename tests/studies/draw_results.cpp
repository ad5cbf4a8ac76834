// draw_results DOCS: makes the sections of DOCS/reproduction.md and their pictures anew.

#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>

#include "framework/io/atomic_file.h"
#include "tests/studies/results_page.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: draw_results DOCS\n", stderr);
    return 2;
  }
  const std::filesystem::path docs = argv[1];
  try {
    std::ifstream in(docs / "reproduction.md");
    const std::string page{std::istreambuf_iterator<char>(in), {}};
    mixwright::io::write_text_file_atomically(docs / "reproduction.md",
                                              mixwright::results_page(page));
    mixwright::draw_result_pictures(mixwright::sections_of(page), docs);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}

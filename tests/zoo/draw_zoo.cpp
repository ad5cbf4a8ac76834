// Writes docs/zoo.md and its drawings; scripts/zoo_page.sh runs it.

#include <exception>
#include <iostream>

#include "framework/plugin/exit.h"
#include "tests/zoo/zoo_page.h"

int main(int argc, char** argv) {
  try {
    if (argc != 2) {
      std::cerr << "usage: draw_zoo FOLDER\n";
      return 2;
    }
    mixwright::write_zoo_page(argv[1]);
  } catch (const std::exception& error) {
    std::cerr << "draw_zoo: " << error.what() << "\n";
    mixwright::plugin::leave(1);
  }
  mixwright::plugin::leave(0);
}

#pragma once

#include <png.h>

#include <csetjmp>
#include <cstring>

// How libpng's errors come back to us; see picture_codec.h for why nothing here owns anything.
namespace mixwright::picture {

/// Where an error jumps to, and what it says. The error pointer of every libpng struct of ours.
struct PngFailure {
  std::jmp_buf jump;
  char text[200];
};

[[noreturn]] inline void leave_png(png_structp png, const char* text) {
  auto* failure = static_cast<PngFailure*>(png_get_error_ptr(png));
  std::strncpy(failure->text, text, sizeof failure->text - 1);
  std::longjmp(failure->jump, 1);
}

/// For warnings: what libpng warns of, it has put right.
inline void ignore_png(png_structp, const char*) {}

}  // namespace mixwright::picture

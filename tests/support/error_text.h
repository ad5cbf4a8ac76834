#pragma once

#include <string>

#include <mixwright/error.h>

namespace mixwright::test {

/// The text of the mixwright::Error that `body` throws; "" where it throws none.
template <class Body>
std::string error_text(const Body& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace mixwright::test

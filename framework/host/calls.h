#pragma once

#include <mutex>
#include <new>
#include <string>
#include <vector>

#include <mixwright/error.h>
#include <mixwright/host.h>

#include "framework/model/load.h"

namespace mixwright::host {

/// Held while something is loaded or built: the log is the process's, and so are the generators.
std::mutex& loading();

model::PluginSource source_of(const PluginPlaces& places);

/// Runs `body`; what LibTorch throws becomes an Error of one line.
template <class Body>
auto translated(const Body& body) {
  try {
    return body();
  } catch (const c10::Error& error) {
    throw Error(first_line(error.what_without_backtrace()));
  } catch (const std::bad_alloc&) {
    throw Error("out of memory");
  }
}

}  // namespace mixwright::host

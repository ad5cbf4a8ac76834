#pragma once

namespace mixwright::plugin {

/// The last step of main, when all objects of the program are destroyed.
///
/// Flushes the log and the standard streams and ends the process at once: a thread that a plugin
/// started may still run, and static destructors of libraries would pull its ground away (20 of 20
/// ordinary returns crashed so). A sanitized build exits in the ordinary way, so that its checkers
/// can report.
/// Where standard output could not be written, a `code` of 0 becomes 1 with a line on standard
/// error.
[[noreturn]] void leave(int code);

}  // namespace mixwright::plugin

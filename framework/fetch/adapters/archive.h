#pragma once

#include "framework/fetch/transfer.h"

namespace mixwright::fetch {

/// Transfer::read_archive by libarchive.
std::string read_archive(const std::filesystem::path& file, ArchiveReceiver& receiver);

}  // namespace mixwright::fetch

#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mixwright {

/// A page whose sections between `<!-- results: NAME -->` and `<!-- end of results -->` are made
/// anew out of configs/studies/NAME.toml and its file of results: how many rows there are and on
/// what they were trained, the table, the figures. Below each figure stands the SHA-256 of what it
/// is drawn from, so that an old picture is noticed. Throws: UsageError where a section has no
/// study, no results or no end.
std::string results_page(const std::string& page);

/// Names of the studies that the page has sections for.
std::vector<std::string> sections_of(const std::string& page);

/// Draws the figures of these studies into `docs`/pictures/studies.
void draw_result_pictures(const std::vector<std::string>& studies,
                          const std::filesystem::path& docs);

}  // namespace mixwright

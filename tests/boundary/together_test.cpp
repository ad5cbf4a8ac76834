// What plugins bring for themselves: libraries linked privately, files beside their own.

#include <gtest/gtest.h>

#include <mixwright/library_folder.h>

#include "framework/model/factory.h"
#include "tests/boundary/libraries/vendor.h"
#include "tests/boundary/scene.h"

namespace mixwright::test {
namespace {

namespace fs = std::filesystem;

class Together : public Scene {
 protected:
  /// What a token mixer of the folder makes of one.
  double factor_of(const std::string& mixer) {
    if (!factory_) {
      plugin::SearchOptions search;
      search.explicit_paths = {folder_.string()};
      search.only_explicit = true;
      auto registry = std::make_shared<plugin::Registry>();
      registry->scan(search);
      factory_ = std::make_unique<model::PartFactory>(registry, ConfigValue());
    }
    const LayerPtr layer = factory_->make<TokenMixer>(ConfigValue(mixer), "test");
    return (*layer)(torch::ones({1, 2, 2}), Context()).max().item<double>();
  }

 private:
  std::unique_ptr<model::PartFactory> factory_;
};

// The test's own program exports a third version, which an unguarded plugin would be bound to, as
// it would to whatever LibTorch exports.
TEST_F(Together, EachPluginKeepsItsVersionOfALibrary) {
  ASSERT_EQ(vendor_version(), 3);
  put("vendor_one");
  put("vendor_two");
  EXPECT_EQ(factor_of("boundary_vendor_one"), 101);
  EXPECT_EQ(factor_of("boundary_vendor_two"), 201);
  EXPECT_EQ(factor_of("boundary_vendor_one"), 102);
  EXPECT_EQ(vendor::answer(), 301);
}

TEST_F(Together, APluginFindsItsFileBesideItsLibrary) {
  put("own_file");
  put_text("own_file.txt", "2.5\n");
  EXPECT_EQ(factor_of("boundary_factor"), 2.5);
}

TEST_F(Together, TheFolderOfALinkedLibraryIsWhereItsFileLies) {
  const fs::path library = put("own_file");
  put_text("own_file.txt", "3.5\n");
  const fs::path real = root_ / "real";
  fs::create_directories(real);
  fs::rename(library, real / library.filename());
  fs::rename(folder_ / "own_file.txt", real / "own_file.txt");
  fs::create_symlink(real / library.filename(), library);
  EXPECT_EQ(factor_of("boundary_factor"), 3.5);
}

TEST_F(Together, AnAddressInNoLibraryIsRefused) {
  EXPECT_EQ(library_folder(), fs::canonical("/proc/self/exe").parent_path());
  const auto on_heap = std::make_unique<int>(0);
  try {
    folder_of(on_heap.get());
    FAIL() << "an Error expected";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "folder_of: the address lies in no library of this process");
  }
}

}  // namespace
}  // namespace mixwright::test

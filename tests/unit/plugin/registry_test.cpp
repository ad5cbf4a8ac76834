#include "framework/plugin/registry.h"

#include <gmock/gmock.h>

#include <mixwright/error.h>
#include <mixwright/kinds.h>

#include "tests/unit/plugin/plugin_files.h"

namespace mixwright::plugin {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RegistryTest : public ::testing::Test {
 protected:
  void SetUp() override { folder_ = test::fresh_folder(); }

  fs::path put(const std::string& library) {
    const fs::path target = folder_ / ("lib" + library + ".so");
    fs::copy_file(test::boundary_library(library), target);
    return target;
  }

  /// Scans the test's folder and no other.
  void scan() { registry_.scan(SearchOptions{{folder_.string()}, true, {}}); }

  std::string reason(const std::string& kind, const std::string& name) {
    try {
      registry_.find(kind, name);
      return {};
    } catch (const UsageError& error) {
      return error.what();
    }
  }

  fs::path folder_;
  Registry registry_;
};

TEST_F(RegistryTest, LoadsAtTheFirstUse) {
  put("good");
  scan();
  ASSERT_EQ(registry_.libraries().size(), 1u);
  EXPECT_EQ(registry_.libraries()[0].state, LibraryState::kFound);
  EXPECT_TRUE(registry_.loaded().empty());

  const Found found = registry_.find("token_mixer", "boundary_scale");
  EXPECT_EQ(registry_.libraries()[0].state, LibraryState::kLoaded);
  EXPECT_EQ(registry_.loaded().size(), 1u);
  EXPECT_EQ(found.identity(), "boundary_scale, libgood.so");
  EXPECT_EQ(found.entry->component_revision, 4);
  EXPECT_EQ(found.library->sha256(), found.library->sha256());
  EXPECT_EQ(registry_.find("token_mixer", "boundary_good:boundary_scale").entry, found.entry);
}

TEST_F(RegistryTest, CreatesWhatItFound) {
  put("good");
  scan();
  const Found found = registry_.find("token_mixer", "boundary_scale");
  ConfigValue table = ConfigValue::table();
  table.set("type", "boundary_scale");
  table.set("factor", 3.0);
  CreateResult result;
  found.entry->create(table, BuildContext(), result);
  ASSERT_TRUE(result.object) << result.error;
  const auto layer = std::static_pointer_cast<Layer>(result.object);
  // A cast across libraries: the interfaces have their one type_info in the SDK's library.
  EXPECT_NE(dynamic_cast<TokenMixer*>(layer.get()), nullptr);
  EXPECT_EQ(dynamic_cast<Activation*>(layer.get()), nullptr);
  EXPECT_TRUE((*layer)(torch::ones({1, 2, 2}), Context()).equal(torch::full({1, 2, 2}, 3.0)));
}

TEST_F(RegistryTest, SchemaIsWhatThePluginDeclares) {
  put("good");
  scan();
  const OptionSchema schema = registry_.schema("token_mixer", "boundary_scale");
  ASSERT_EQ(schema.size(), 1u);
  EXPECT_EQ(schema[0].name, "factor");
  EXPECT_EQ(schema[0].at_most, 10);
  EXPECT_EQ(schema[0].default_value.as_number(), 2.0);
}

TEST_F(RegistryTest, ListsNamesAndKinds) {
  put("good");
  put("same_component");
  put("throws");
  scan();
  EXPECT_THAT(registry_.kinds(), ElementsAre("token_mixer"));
  EXPECT_EQ(registry_.names("token_mixer").size(), 8u);
  EXPECT_EQ(registry_.components("token_mixer").size(), 9u);
  EXPECT_TRUE(registry_.components("block").empty());
  EXPECT_TRUE(registry_.loaded().empty());
}

TEST_F(RegistryTest, UnknownNamesAreExplained) {
  put("good");
  scan();
  EXPECT_THAT(reason("token_mixer", "boundary_scal"),
              AllOf(HasSubstr("unknown token mixer \"boundary_scal\""),
                    HasSubstr("did you mean \"boundary_scale\"?"),
                    HasSubstr(folder_.string() + " (--plugin-path, 1 library)")));
  EXPECT_THAT(reason("activation", "boundary_scale"),
              HasSubstr("\"boundary_scale\" is a token mixer, an activation is expected here"));
  EXPECT_THAT(reason("token_mixer", "nobody:boundary_scale"),
              AllOf(HasSubstr("unknown plugin \"nobody\""), HasSubstr("boundary_good")));
}

TEST_F(RegistryTest, ClashOfNamesAsksForThePlugin) {
  put("good");
  put("same_component");
  scan();
  EXPECT_THAT(reason("token_mixer", "boundary_scale"),
              AllOf(HasSubstr("libgood.so"),
                    HasSubstr("libsame_component.so"),
                    HasSubstr("\"boundary_other:boundary_scale\"")));
  EXPECT_EQ(reason("token_mixer", "boundary_other:boundary_scale"), "");
}

TEST_F(RegistryTest, OneFileInTwoPlacesIsTakenOnce) {
  const fs::path file = put("good");
  registry_.scan(SearchOptions{{folder_.string(), file.string(), folder_.string()}, true, {}});
  EXPECT_EQ(registry_.libraries().size(), 1u);
}

TEST_F(RegistryTest, FailedLoadIsRefusedFromThenOn) {
  put("missing_symbol");
  scan();
  const std::string first = reason("token_mixer", "boundary_missing");
  EXPECT_THAT(first, HasSubstr("boundary::defined_nowhere(at::Tensor const&)"));
  EXPECT_TRUE(registry_.libraries()[0].is_refused());
  EXPECT_THAT(reason("token_mixer", "boundary_missing"),
              HasSubstr("it is offered by a library that is refused"));
}

TEST_F(RegistryTest, FileThatWasReplacedIsNotLoaded) {
  const fs::path file = put("good");
  scan();
  const std::string bytes = test::read_bytes(file);
  fs::remove(file);
  test::write_bytes(file, bytes + "x");
  EXPECT_THAT(reason("token_mixer", "boundary_scale"), HasSubstr("was replaced"));
}

TEST_F(RegistryTest, ForwardThatThrowsNamesThePart) {
  put("throws");
  scan();
  const Found found = registry_.find("token_mixer", "forward_number");
  ConfigValue table = ConfigValue::table();
  table.set("type", "forward_number");
  CreateResult result;
  found.entry->create(table, BuildContext(), result);
  ASSERT_TRUE(result.object) << result.error;
  const auto layer = std::static_pointer_cast<Layer>(result.object);
  layer->set_identity("stage[1].block[2].token_mixer", found.identity());
  try {
    (*layer)(torch::ones({1, 2, 2}), Context());
    FAIL() << "nothing was thrown";
  } catch (const ForwardError& error) {
    EXPECT_STREQ(error.what(),
                 "stage[1].block[2].token_mixer (forward_number, libthrows.so): threw something "
                 "that is no std::exception");
  }
}

TEST_F(RegistryTest, ManyRegistriesLoadOneLibrary) {
  put("good");
  const ComponentEntry* entry = nullptr;
  for (int round = 0; round < 100; ++round) {
    Registry registry;
    registry.scan(SearchOptions{{folder_.string()}, true, {}});
    const Found found = registry.find("token_mixer", "boundary_scale");
    if (entry == nullptr) entry = found.entry;
    ASSERT_EQ(found.entry, entry);
  }
}

}  // namespace
}  // namespace mixwright::plugin

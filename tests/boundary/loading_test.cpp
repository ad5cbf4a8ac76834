// Components that are asked for and cannot be had: one line that says why, exit code 2.

#include <fstream>

#include <gmock/gmock.h>

#include <mixwright/stamp.h>

#include "tests/boundary/scene.h"

namespace mixwright::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Loading : public Scene {
 protected:
  ProgramResult describe(const std::string& component) const {
    return run({"plugins", "describe", component, "--kind", "token_mixer"});
  }
};

TEST_F(Loading, GoodComponentIsDescribed) {
  put("good");
  const ProgramResult result = describe("boundary_scale");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  for (const char* words : {"factor",
                            "number from 0 to 10",
                            "2.0",
                            "what the features are",
                            "boundary_good 1.2.3",
                            "causal",
                            "rank 1 to 2",
                            "libgood.so"}) {
    EXPECT_THAT(result.out, HasSubstr(words));
  }
}

TEST_F(Loading, UnknownNameGetsANearOneAndTheSearchedFolders) {
  put("good");
  expect_refusal(describe("boundary_scal"),
                 2,
                 {"unknown token mixer \"boundary_scal\"",
                  "did you mean \"boundary_scale\"?",
                  folder_.string(),
                  "MIXWRIGHT_PLUGIN_PATH"});
}

TEST_F(Loading, EmptyFolderOffersNothingAndSaysWhereItLooked) {
  expect_refusal(describe("boundary_scale"),
                 2,
                 {"unknown token mixer \"boundary_scale\"",
                  "there is none of this kind",
                  "looked in " + folder_.string() + " (--plugin-path, no library)"});
}

TEST_F(Loading, NameOfAnotherKindSaysSo) {
  put("good");
  expect_refusal(run({"plugins", "describe", "boundary_scale", "--kind", "activation"}),
                 2,
                 {"\"boundary_scale\" is a token mixer, an activation is expected here"});
}

TEST_F(Loading, ComponentOfARefusedLibrarySaysWhy) {
  put_patched("libtorch=2.13", "libtorch=2.12", "other");
  expect_refusal(
      describe("boundary_scale"),
      2,
      {"boundary_scale", "it is offered by a library that is refused", "libother.so: built for"});
  expect_refusal(
      run({"plugins", "check", (folder_ / "libother.so").string()}),
      2,
      {"libother.so: built for LibTorch 2.12.0, this host runs 2.13.0; rebuild it", "cmake"});
}

TEST_F(Loading, MissingSymbolIsNamed) {
  put("missing_symbol");
  expect_refusal(describe("boundary_missing"),
                 2,
                 {"libmissing_symbol.so: cannot be loaded: undefined symbol",
                  "boundary::defined_nowhere(at::Tensor const&)"});
}

TEST_F(Loading, LibraryWithoutDescriptorIsRefused) {
  const std::string file = put("no_descriptor").string();
  expect_refusal(
      describe("boundary_scale"), 2, {file + ": has a note but no descriptor mixwright_plugin_1"});
}

TEST_F(Loading, HiddenSecondOpenMpIsRefused) {
  put("hidden_openmp");
  put("middle");
  put("omp");
  expect_refusal(run({"plugins", "describe", "boundary_hidden_openmp:boundary_scale"}),
                 2,
                 {"libhidden_openmp.so: brought a second OpenMP runtime", "libomp.so"});
}

TEST_F(Loading, ClashOfComponentsNamesBothFiles) {
  const std::string first = put("good").string();
  const std::string second = put("same_component").string();
  expect_refusal(describe("boundary_scale"),
                 2,
                 {first, second, "boundary_good:boundary_scale", "boundary_other:boundary_scale"});
  EXPECT_EQ(describe("boundary_other:boundary_scale").exit_code, 0);
}

// LibTorch itself would throw out of a static constructor, which used to end the process.
TEST_F(Loading, ClashOfOperatorsNamesBothFiles) {
  const std::string one = put("operators_one").string();
  const std::string two = put("operators_two").string();
  std::ofstream(root_ / "model.toml") << "[model]\n"
                                         "input = { shape = [8, 8, 3], classes = 4 }\n"
                                         "head = \"classifier\"\n"
                                         "[[model.stage]]\n"
                                         "embedding = { type = \"patch\", size = 4 }\n"
                                         "dim = 8\n"
                                         "depth = 2\n"
                                         "block = \"serial\"\n"
                                         "token_mixer = [\"operators_one\", \"operators_two\"]\n";
  expect_refusal(run_with_plugins({"model", "summary", (root_ / "model.toml").string()}),
                 2,
                 {two + ": registers operators under the name \"boundary_operators\", as " + one});
}

TEST_F(Loading, UnknownPluginBeforeTheColon) {
  put("good");
  expect_refusal(describe("boundary_god:boundary_scale"),
                 2,
                 {"unknown plugin \"boundary_god\"", "did you mean \"boundary_good\"?"});
}

TEST_F(Loading, CheckOfWhatIsNoLibrary) {
  const std::string text = put_text("notes.txt", "this is no library\n").string();
  expect_refusal(run({"plugins", "check", text}), 2, {text + ": is not a shared library"});
  expect_refusal(run({"plugins", "check", "nowhere.so"}), 2, {"nowhere.so: no such file"});
}

TEST_F(Loading, CheckOfAGoodPluginPasses) {
  const std::string file = put("good").string();
  const ProgramResult result = run_with_plugins({"plugins", "check", "--all", file});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("boundary_good 1.2.3"));
  EXPECT_THAT(result.out, HasSubstr("1 component: "));
  EXPECT_THAT(result.out, HasSubstr("needs glibc"));
  EXPECT_THAT(result.out, HasSubstr("memorises a batch of 8"));
  EXPECT_THAT(result.out, HasSubstr(" 0 failed"));
}

}  // namespace
}  // namespace mixwright::test

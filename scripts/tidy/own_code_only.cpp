// A plugin for clang-tidy that lets its checks see our own code only.
//
// clang-tidy walks the whole syntax tree and drops afterwards what it found in system headers. With
// LibTorch that is minutes for each file. Here the walk starts at the declarations that this file
// and our headers brought, which is what clangd does for an open file.

#include <clang-tidy/ClangTidyCheck.h>
#include <clang-tidy/ClangTidyModule.h>
#include <clang-tidy/ClangTidyModuleRegistry.h>
#include <clang/AST/ASTContext.h>
#include <clang/Lex/Preprocessor.h>
#include <clang/Serialization/ASTReader.h>

namespace {

class OwnCodeOnly final : public clang::tidy::ClangTidyCheck {
 public:
  using ClangTidyCheck::ClangTidyCheck;

  void registerPPCallbacks(const clang::SourceManager& /*sources*/,
                           clang::Preprocessor* preprocessor,
                           clang::Preprocessor* /*expander*/) override {
    preprocessor_ = preprocessor;
  }

  // Only a check with a matcher is told that a translation unit starts.
  void registerMatchers(clang::ast_matchers::MatchFinder* finder) override {
    finder->addMatcher(clang::ast_matchers::translationUnitDecl(), this);
  }

  void onStartOfTranslationUnit() override {
    // Precompiled declarations come from a reader, which knows the tree that it fills.
    auto* reader = static_cast<clang::ASTReader*>(preprocessor_->getExternalSource());
    if (reader == nullptr) return;  // compiled without a precompiled header: slow, but complete
    clang::ASTContext& context = reader->getContext();
    const clang::SourceManager& sources = context.getSourceManager();
    std::vector<clang::Decl*> own;
    for (clang::Decl* declaration : context.getTranslationUnitDecl()->noload_decls()) {
      if (declaration->isFromASTFile()) continue;
      if (sources.isInSystemHeader(sources.getExpansionLoc(declaration->getLocation()))) continue;
      own.push_back(declaration);
    }
    context.setTraversalScope(own);
  }

 private:
  clang::Preprocessor* preprocessor_ = nullptr;
};

class OwnCodeModule final : public clang::tidy::ClangTidyModule {
 public:
  void addCheckFactories(clang::tidy::ClangTidyCheckFactories& factories) override {
    factories.registerCheck<OwnCodeOnly>("mixwright-own-code-only");
  }
};

const clang::tidy::ClangTidyModuleRegistry::Add<OwnCodeModule> kRegistered(
    "mixwright", "walks our own code only");

}  // namespace

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>

#include <mixwright/build_context.h>
#include <mixwright/kinds.h>
#include <mixwright/options.h>
#include <mixwright/stamp.h>

namespace mixwright {

// Their interfaces stand in <mixwright/dataset.h> and <mixwright/task.h>.
class Dataset;
class Transform;
class Task;
// In <mixwright/lagrangian.h>, <mixwright/synapse.h> and <mixwright/network.h>.
class Lagrangian;
class Synapse;
class Network;

/// What a component needs of its surroundings; bits of ComponentEntry::needs.
enum Needs : uint32_t {
  kFixedTokens = 1,  ///< weights depend on the number of tokens
  kCausal = 2,       ///< a token sees no later one
  kStructure = 4,    ///< reads positions or sparse structure from the Context
};

/// What `create` gives back: an object, or a reason.
struct MIXWRIGHT_API CreateResult {
  std::shared_ptr<void> object;  ///< the kind's interface
  std::string error;
  bool located = false;  ///< the error names its part already
};

/// One component in a plugin's constant table.
struct ComponentEntry {
  const char* kind = "";
  const char* name = "";
  const char* summary = "";
  const char* source = "";  ///< paper and equation
  const char* sample = "";  ///< TOML of options without which it cannot be built
  int32_t component_revision = 1;
  uint32_t need_bits = 0;
  int32_t lowest_rank = 1;
  int32_t highest_rank = 3;
  void (*create)(const ConfigValue&, const BuildContext&, CreateResult&) noexcept = nullptr;
  void (*validate)(const ConfigValue&, const ComponentChecker*, Diagnostics&) noexcept = nullptr;
  OptionSchema (*schema)() = nullptr;

  /// Bumped when maths or parameter names change; stored in checkpoints.
  constexpr ComponentEntry revision(int32_t value) const {
    ComponentEntry copy = *this;
    copy.component_revision = value;
    return copy;
  }
  /// Declares Needs.
  constexpr ComponentEntry needs(uint32_t bits) const {
    ComponentEntry copy = *this;
    copy.need_bits = bits;
    return copy;
  }
  /// Grid ranks it works on.
  constexpr ComponentEntry grid_rank(int32_t lowest, int32_t highest) const {
    ComponentEntry copy = *this;
    copy.lowest_rank = lowest;
    copy.highest_rank = highest;
    return copy;
  }
  /// Options that make a smallest working example, where the defaults alone do not.
  constexpr ComponentEntry example(const char* toml) const {
    ComponentEntry copy = *this;
    copy.sample = toml;
    return copy;
  }
};

/// The one symbol that a plugin exports, `mixwright_plugin_<abi>`.
struct PluginDescriptor {
  int32_t abi = 0;
  int32_t component_count = 0;
  const char* stamp = "";  ///< the text of the note
  const ComponentEntry* components = nullptr;
};

namespace registration {

struct PluginFact {
  const char* key;
  const char* text;
};

/// Who made it, where it lives: `authors("…")`, `url("…")` among the components.
constexpr PluginFact authors(const char* text) {
  return {"authors", text};
}
constexpr PluginFact url(const char* text) {
  return {"url", text};
}

MIXWRIGHT_API void describe_exception(CreateResult& result) noexcept;
MIXWRIGHT_API void finish_layer(Layer& layer, const BuildContext& context);
MIXWRIGHT_API void finish_layer(Interaction& interaction, const BuildContext& context);
MIXWRIGHT_API std::string owner_words(const char* kind, const char* name);

/// Options that every block has beside its own.
struct BlockCommon {
  int64_t repeat = 1;
};
MIXWRIGHT_OPTIONS(BlockCommon,
                  field("repeat", &BlockCommon::repeat)
                      .at_least(1)
                      .doc("apply the block this often in place, with the same weights"))

/// Moves the keys of `schema` out of `table` into a table of their own.
MIXWRIGHT_API ConfigValue take(ConfigValue& table, const OptionSchema& schema);

template <class T>
struct OptionsOf {
  using type = NoOptions;
};
template <class T>
  requires requires { typename T::Options; }
struct OptionsOf<T> {
  using type = typename T::Options;
};

template <class Kind>
constexpr bool kIsBlock = std::is_same_v<Kind, Block>;

template <class Kind, class T>
OptionSchema schema() {
  OptionSchema result = options::schema_of<typename OptionsOf<T>::type>();
  if constexpr (kIsBlock<Kind>) {
    for (OptionSpec& spec : options::schema_of<BlockCommon>()) result.push_back(spec);
  }
  return result;
}

/// `{name, type, options}` of one component read into options, the kind's common ones apart.
template <class Kind, class T>
struct ReadComponent {
  typename OptionsOf<T>::type own;
  BlockCommon common;
  ReadComponent(const options::Reader& reader, ConfigValue table) {
    table.erase("type");
    if constexpr (kIsBlock<Kind>) {
      common = options::read_options<BlockCommon>(reader,
                                                  take(table, options::schema_of<BlockCommon>()));
    }
    own = options::read_options<typename OptionsOf<T>::type>(reader, table);
  }
};

template <class T, class O>
std::shared_ptr<T> construct(const O& options, const BuildContext& context) {
  if constexpr (std::is_constructible_v<T, const O&, const BuildContext&>) {
    return std::make_shared<T>(options, context);
  } else if constexpr (std::is_constructible_v<T, const BuildContext&>) {
    return std::make_shared<T>(context);
  } else if constexpr (std::is_constructible_v<T, const O&>) {
    return std::make_shared<T>(options);
  } else {
    static_assert(std::is_default_constructible_v<T>,
                  "a component is constructed from (const Options&, const BuildContext&), either "
                  "of them, or nothing");
    return std::make_shared<T>();
  }
}

/// Builds a T. Nothing leaves it but an object or a reason.
template <class Kind, class T>
void create(const ConfigValue& table, const BuildContext& context, CreateResult& out) noexcept {
  try {
    Diagnostics diagnostics;
    options::Reader reader;
    reader.diagnostics = &diagnostics;
    const ConfigValue* type = table.find("type");
    reader.owner =
        owner_words(Kind::kKind, type != nullptr ? type->as_string().c_str() : "component");
    ReadComponent<Kind, T> read(reader, table);
    if (!diagnostics.ok()) {
      out.error = diagnostics.text();  // names file, line and column itself
      out.located = true;
      return;
    }
    std::shared_ptr<typename Kind::Interface> part = construct<T>(read.own, context);
    if constexpr (requires { finish_layer(*part, context); }) finish_layer(*part, context);
    if constexpr (kIsBlock<Kind>) part->set_repeat(read.common.repeat);
    out.object = std::static_pointer_cast<void>(part);
  } catch (...) {
    describe_exception(out);
  }
}

/// Checks options without building anything.
template <class Kind, class T>
void validate(const ConfigValue& table,
              const ComponentChecker* checker,
              Diagnostics& diagnostics) noexcept {
  try {
    options::Reader reader;
    reader.diagnostics = &diagnostics;
    reader.checker = checker;
    const ConfigValue* type = table.find("type");
    reader.owner =
        owner_words(Kind::kKind, type != nullptr ? type->as_string().c_str() : "component");
    ReadComponent<Kind, T>(reader, table);
  } catch (...) {
    CreateResult reason;
    describe_exception(reason);
    diagnostics.error(table.location(), reason.error);
  }
}

template <class Kind, class T>
constexpr ComponentEntry entry(const char* name, const char* summary, const char* source) {
  static_assert(std::is_base_of_v<typename Kind::Interface, T>,
                "the class does not derive from the kind's interface");
  ComponentEntry result;
  result.kind = Kind::kKind;
  result.name = name;
  result.summary = summary;
  result.source = source;
  result.create = &create<Kind, T>;
  result.validate = &validate<Kind, T>;
  result.schema = &schema<Kind, T>;
  return result;
}

// The lines of MIXWRIGHT_PLUGIN: `token_mixer<Pooling>("pooling", "what it does", "arXiv:…")`.
#define MIXWRIGHT_KIND_FUNCTION(function, Kind)                         \
  template <class T>                                                    \
  constexpr ComponentEntry function(                                    \
      const char* name, const char* summary, const char* source = "") { \
    return entry<Kind, T>(name, summary, source);                       \
  }
MIXWRIGHT_KIND_FUNCTION(token_mixer, TokenMixer)
MIXWRIGHT_KIND_FUNCTION(channel_mixer, ChannelMixer)
MIXWRIGHT_KIND_FUNCTION(normalization, Normalization)
MIXWRIGHT_KIND_FUNCTION(activation, Activation)
MIXWRIGHT_KIND_FUNCTION(projection, Projection)
MIXWRIGHT_KIND_FUNCTION(interaction, Interaction)
MIXWRIGHT_KIND_FUNCTION(block, Block)
MIXWRIGHT_KIND_FUNCTION(embedding, Embedding)
MIXWRIGHT_KIND_FUNCTION(head, Head)
MIXWRIGHT_KIND_FUNCTION(dataset, Dataset)
MIXWRIGHT_KIND_FUNCTION(transform, Transform)
MIXWRIGHT_KIND_FUNCTION(task, Task)
MIXWRIGHT_KIND_FUNCTION(lagrangian, Lagrangian)
MIXWRIGHT_KIND_FUNCTION(synapse, Synapse)
MIXWRIGHT_KIND_FUNCTION(network, Network)
#undef MIXWRIGHT_KIND_FUNCTION

}  // namespace registration
}  // namespace mixwright

#include <mixwright/plugin_note.h>

#include "framework/plugin/elf_file.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <string_view>

#include <mixwright/error.h>

#include "framework/io/text.h"

namespace mixwright::plugin {

namespace {

// Bounds on what is taken into memory. The note of a plugin with a thousand components has 0.2 MB.
constexpr uint64_t kLargestNotes = uint64_t{4} << 20;
constexpr uint64_t kLargestDynamic = uint64_t{1} << 20;
constexpr uint64_t kLargestName = 4096;
constexpr uint64_t kMostVersions = 4096;  // of a plugin 20 to 30

constexpr char kNoteOwnerText[] = "Mixwright";  // with its closing NUL, as it is counted
constexpr std::string_view kNoteOwner{kNoteOwnerText, sizeof kNoteOwnerText};
constexpr uint32_t kNoteType = 1;

#if defined(__x86_64__)
constexpr uint16_t kThisMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr uint16_t kThisMachine = EM_AARCH64;
#elif defined(__riscv)
constexpr uint16_t kThisMachine = EM_RISCV;
#elif defined(__powerpc64__)
constexpr uint16_t kThisMachine = EM_PPC64;
#else
#error "name this processor's ELF machine number here"
#endif

std::string machine_name(uint16_t machine) {
  switch (machine) {
    case EM_X86_64:
      return "x86-64";
    case EM_AARCH64:
      return "AArch64";
    case EM_RISCV:
      return "RISC-V";
    case EM_PPC64:
      return "PowerPC64";
    case EM_386:
      return "32-bit x86";
    default:
      return "ELF machine " + std::to_string(machine);
  }
}

/// One library file and its program headers.
class ElfReader {
 public:
  explicit ElfReader(const io::InputFile& file) : file_(file) {
    read_header();
    read_program_headers();
    read_dynamic();
  }

  std::optional<std::string> note() const;
  std::vector<std::string> needed() const;
  std::vector<std::string> versions() const;

 private:
  void read_header();
  void read_program_headers();
  /// `size` bytes at `offset`, which `what` is called in an error.
  std::vector<char> bytes(uint64_t offset, uint64_t size, const char* what) const;
  void check_within(uint64_t offset, uint64_t size, const char* what) const;
  std::optional<uint64_t> offset_of_address(uint64_t address) const;
  void read_dynamic();
  /// The value of the last entry with this tag, 0 where there is none.
  uint64_t dynamic_value(int64_t tag) const;
  /// The name at `at` of the dynamic table's names.
  std::string name(uint64_t at) const;
  /// An entry of the table of versions at `offset`.
  template <class Entry>
  Entry version_entry(uint64_t offset) const;

  const io::InputFile& file_;
  Elf64_Ehdr header_{};
  std::vector<Elf64_Phdr> segments_;
  std::vector<Elf64_Dyn> dynamic_;
};

void ElfReader::check_within(uint64_t offset, uint64_t size, const char* what) const {
  if (offset <= file_.size() && size <= file_.size() - offset) return;
  throw UsageError(std::string("is cut off: its ") + what + " needs " + io::grouped(size) +
                   " bytes from byte " + io::grouped(offset) + ", the file has " +
                   io::grouped(file_.size()) + "; copy or build it again");
}

std::vector<char> ElfReader::bytes(uint64_t offset, uint64_t size, const char* what) const {
  check_within(offset, size, what);
  std::vector<char> result(size);
  file_.read_at(offset, result.data(), result.size());
  return result;
}

void ElfReader::read_header() {
  char magic[SELFMAG] = {};
  if (file_.size() >= SELFMAG) file_.read_at(0, magic, SELFMAG);
  if (std::memcmp(magic, ELFMAG, SELFMAG) != 0) {
    throw UsageError("is not a shared library (no ELF file)");
  }
  check_within(0, sizeof header_, "header");
  file_.read_at(0, &header_, sizeof header_);
  if (header_.e_ident[EI_CLASS] != ELFCLASS64 || header_.e_ident[EI_DATA] != ELFDATA2LSB) {
    throw UsageError("is no 64-bit little-endian library; this host loads only such");
  }
  if (header_.e_machine != kThisMachine) {
    throw UsageError("built for " + machine_name(header_.e_machine) + ", this host runs on " +
                     machine_name(kThisMachine) + "; build it on this kind of machine");
  }
  if (header_.e_type != ET_DYN) {
    throw UsageError("is an ELF file, but no shared library");
  }
}

void ElfReader::read_program_headers() {
  // PN_XNUM would mean that the true count stands in the section table.
  if (header_.e_phentsize != sizeof(Elf64_Phdr) || header_.e_phnum == 0 ||
      header_.e_phnum == PN_XNUM) {
    throw UsageError("is no loadable library: its table of segments is malformed");
  }
  const uint64_t size = uint64_t{header_.e_phnum} * sizeof(Elf64_Phdr);
  const std::vector<char> table = bytes(header_.e_phoff, size, "table of segments");
  segments_.resize(header_.e_phnum);
  std::memcpy(segments_.data(), table.data(), table.size());
  for (const Elf64_Phdr& segment : segments_) {
    // The loader maps these, and a page behind the end of the file would end the process.
    if (segment.p_type == PT_LOAD) check_within(segment.p_offset, segment.p_filesz, "segment");
  }
}

/// The text of the first note of ours in the bytes of one PT_NOTE segment.
std::optional<std::string> find_note(std::span<const char> bytes, uint64_t alignment) {
  const auto padded = [&](uint64_t size) { return (size + alignment - 1) / alignment * alignment; };
  while (bytes.size() >= sizeof(Elf64_Nhdr)) {
    Elf64_Nhdr head;
    std::memcpy(&head, bytes.data(), sizeof head);
    const uint64_t text_at = padded(sizeof head + uint64_t{head.n_namesz});
    const uint64_t end = text_at + head.n_descsz;  // sums of 32-bit numbers: no overflow
    if (end > bytes.size()) return std::nullopt;
    const std::string_view owner(bytes.data() + sizeof head, head.n_namesz);
    if (owner == kNoteOwner && head.n_type == kNoteType) {
      std::string text(bytes.data() + text_at, head.n_descsz);
      while (!text.empty() && text.back() == '\0') text.pop_back();
      return text;
    }
    bytes = bytes.subspan(std::min<uint64_t>(padded(end), bytes.size()));
  }
  return std::nullopt;
}

std::optional<std::string> ElfReader::note() const {
  for (const Elf64_Phdr& segment : segments_) {
    if (segment.p_type != PT_NOTE) continue;
    if (segment.p_filesz > kLargestNotes) {
      throw UsageError("has notes of " + io::grouped(segment.p_filesz) + " bytes, at most " +
                       io::grouped(kLargestNotes) + " are read");
    }
    const std::vector<char> notes = bytes(segment.p_offset, segment.p_filesz, "notes");
    if (auto text = find_note(notes, segment.p_align == 8 ? 8 : 4)) return text;
  }
  return std::nullopt;
}

std::optional<uint64_t> ElfReader::offset_of_address(uint64_t address) const {
  for (const Elf64_Phdr& segment : segments_) {
    if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
        address - segment.p_vaddr < segment.p_filesz) {
      return segment.p_offset + (address - segment.p_vaddr);
    }
  }
  return std::nullopt;
}

void ElfReader::read_dynamic() {
  for (const Elf64_Phdr& segment : segments_) {
    if (segment.p_type != PT_DYNAMIC) continue;
    if (segment.p_filesz > kLargestDynamic) {
      throw UsageError("is no loadable library: its dynamic table is malformed");
    }
    const std::vector<char> table = bytes(segment.p_offset, segment.p_filesz, "dynamic table");
    dynamic_.resize(table.size() / sizeof(Elf64_Dyn));
    std::memcpy(dynamic_.data(), table.data(), dynamic_.size() * sizeof(Elf64_Dyn));
  }
  dynamic_.erase(std::find_if(dynamic_.begin(),
                              dynamic_.end(),
                              [](const Elf64_Dyn& entry) { return entry.d_tag == DT_NULL; }),
                 dynamic_.end());
}

uint64_t ElfReader::dynamic_value(int64_t tag) const {
  uint64_t value = 0;
  for (const Elf64_Dyn& entry : dynamic_) {
    if (entry.d_tag == tag) value = entry.d_un.d_val;
  }
  return value;
}

std::string ElfReader::name(uint64_t at) const {
  const std::optional<uint64_t> names = offset_of_address(dynamic_value(DT_STRTAB));
  const uint64_t names_size = dynamic_value(DT_STRSZ);
  if (!names || at >= names_size || names_size > file_.size() - *names) {
    throw UsageError("is no loadable library: its table of names is malformed");
  }
  const uint64_t offset = *names + at;
  const uint64_t size = std::min({kLargestName, names_size - at, file_.size() - offset});
  const std::vector<char> text = bytes(offset, size, "table of names");
  const auto stop = std::find(text.begin(), text.end(), '\0');
  if (stop == text.end()) throw UsageError("is no loadable library: a name in it has no end");
  return {text.begin(), stop};
}

std::vector<std::string> ElfReader::needed() const {
  std::vector<std::string> result;
  for (const Elf64_Dyn& entry : dynamic_) {
    if (entry.d_tag == DT_NEEDED) result.push_back(name(entry.d_un.d_val));
  }
  return result;
}

template <class Entry>
Entry ElfReader::version_entry(uint64_t offset) const {
  const std::vector<char> read = bytes(offset, sizeof(Entry), "table of versions");
  Entry entry;
  std::memcpy(&entry, read.data(), sizeof entry);
  return entry;
}

std::vector<std::string> ElfReader::versions() const {
  std::vector<std::string> result;
  const uint64_t address = dynamic_value(DT_VERNEED);
  if (address == 0) return result;
  const std::optional<uint64_t> begin = offset_of_address(address);
  // One entry for each library, and in it one for each version. Distances are unsigned and more
  // than zero until the last, so that both walks go forward and end with the file.
  uint64_t left = kMostVersions;
  const auto count_one = [&left] {
    if (left-- == 0) throw UsageError("is no loadable library: its table of versions is malformed");
  };
  for (uint64_t library_at = begin.value_or(file_.size());;) {
    count_one();
    const auto library = version_entry<Elf64_Verneed>(library_at);
    uint64_t version_at = library_at + library.vn_aux;
    for (uint64_t i = 0; i < library.vn_cnt; ++i) {
      count_one();
      const auto version = version_entry<Elf64_Vernaux>(version_at);
      result.push_back(name(version.vna_name));
      if (version.vna_next == 0) break;
      version_at += version.vna_next;
    }
    if (library.vn_next == 0) return result;
    library_at += library.vn_next;
  }
}

}  // namespace

ElfFacts read_elf(const io::InputFile& file) {
  const ElfReader reader(file);
  return {reader.note(), reader.needed(), reader.versions()};
}

}  // namespace mixwright::plugin

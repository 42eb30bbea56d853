#include "rules/pack.h"

#include <algorithm>
#include <cstdlib>

#include "base/embedded.h"
#include "json/yaml.h"

ARIGHT_EMBEDDED(control_packs)

namespace aright::rules {

namespace {

Result<Pack> read_pack(const std::string& file, const std::string& text) {
  auto document = json::parse_yaml(text);
  if (!document) return wrap(document.error(), "{}", file);
  const auto& value = document->value;
  Pack pack{.id = json::text(value, "id", ""),
            .title = json::text(value, "title", ""),
            .description = json::text(value, "description", ""),
            .source = json::text(value, "source", ""),
            .controls = {}};
  for (auto [member, given] : {std::pair{"id", &pack.id}, {"title", &pack.title}, {"source", &pack.source}})
    if (given->empty()) return fail(Errc::invalid, "{}: '{}' is required", file, member);
  for (const auto& [control, references] : json::members(json::at(value, "controls"))) {
    Pack::Entry entry{.control = std::string(control), .references = {}};
    for (const auto& reference : json::items(references)) entry.references.push_back(json::scalar_text(reference));
    if (entry.references.empty()) return fail(Errc::invalid, "{}: {} has no reference", file, entry.control);
    pack.controls.push_back(std::move(entry));
  }
  if (pack.controls.empty()) return fail(Errc::invalid, "{}: it lists no controls", file);
  std::ranges::sort(pack.controls, {}, &Pack::Entry::control);
  return pack;
}

}  // namespace

const Pack::Entry* Pack::find(std::string_view control) const {
  auto found = std::ranges::lower_bound(controls, control, {}, &Entry::control);
  return found != controls.end() && found->control == control ? &*found : nullptr;
}

Result<Packs> load_packs(const json::Value& bundle) {
  Packs out;
  for (const auto& item : json::items(bundle)) {
    auto pack = TRY(read_pack(json::text(item, "file", ""), json::text(item, "text", "")));
    auto id = pack.id;
    if (!out.emplace(id, std::move(pack)).second) return fail(Errc::invalid, "the pack {} is described twice", id);
  }
  return out;
}

const Packs& packs() {
  static const Packs packs = [] {
    auto bundle = json::parse(embedded_control_packs());
    auto loaded = bundle ? load_packs(*bundle) : Result<Packs>(std::unexpected(bundle.error()));
    if (!loaded) {
      fmt::print(stderr, "the embedded packs are broken: {}\n", loaded.error().text());
      std::abort();
    }
    return std::move(*loaded);
  }();
  return packs;
}

}  // namespace aright::rules

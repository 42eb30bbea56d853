#include "cloud/description_check.h"

#include <algorithm>

#include "cloud/computed.h"
#include "cloud/shapers.h"
#include "json/diff.h"

namespace aright::cloud {

std::optional<model::Shape> shape_at(model::Shape shape, const Path& path) {
  for (const auto& step : path.steps()) {
    if (!shape) return std::nullopt;
    if (shape.type() == model::Type::map) {
      shape = shape.element();
    } else if (shape.type() == model::Type::structure) {
      auto member = shape.member(step.member);
      if (!member) return std::nullopt;
      shape = member->shape();
    } else {
      return std::nullopt;
    }
    if (!step.each) continue;
    if (shape.type() != model::Type::list) return std::nullopt;
    shape = shape.element();
  }
  return shape;
}

namespace {

// How much of the key an operation's input must hold.
enum class Names { resource, collection };

class Check {
 public:
  Check(const model::Service& service, Diagnostics& diagnostics)
      : service_(service), diagnostics_(diagnostics) {}

  void type(ResourceType& type) {
    type_ = &type;
    stand(type.name, "create");
    for (auto& create : type.creates)
      creation(create);
    stand(type.name, "delete");
    for (auto& remove : type.removes) {
      removal(remove);
      for (const auto& [name, error] : remove.refuse_while)
        if (type.aspect(name) == nullptr)
          wrong(fmt::format("'refuse_while' names no aspect: {}", name));
      for (const auto& [name, rule] : remove.only)
        if (type.aspect(name) == nullptr || rule.first.empty() || rule.second.empty())
          wrong(fmt::format("'only' wants an aspect, values among which it is, and an error: {}", name));
    }
    stand(type.name, "list");
    if (type.list) view(*type.list);
    stand(type.name, "get");
    if (type.get) view(*type.get);
    for (auto& more : type.views)
      view(more);
    stand(type.name, "region");
    if (type.region) read(*type.region);
    for (auto& glance : type.glances) {
      stand(type.name, "glances/" + glance.op.name);
      auto op = operation(glance.op, Names::resource);
      for (const auto& [name, value] : json::members(glance.output))
        output_path(op, name);
    }
    for (auto& aspect : type.aspects)
      this->aspect(aspect);
    for (const auto& [name, output] : type.answers)
      answer(name, output);
    for (auto& touch : type.touches)
      known("touches", touch.op.name);
    stand(type.name, "");
    if (type.pending && type.aspect(type.pending->window) == nullptr)
      wrong(fmt::format("'pending' names no aspect: {}", type.pending->window));
    if (!type.singleton && type.missing.empty())
      wrong("'missing' must say the error of a resource that is not there");
  }

  void demands(const std::string& op, const std::vector<Demand>& all) {
    where_ = std::string(service_.name());
    pointer_ = "/checks/" + op;
    auto found = service_.operation(op);
    if (!found) wrong(fmt::format("there is no operation {}", op));
    for (const auto& one : all)
      input_path(found, one.that);
  }

  void exists(std::string_view list, const std::string& op) {
    where_ = std::string(service_.name());
    pointer_ = "/" + std::string(list);
    if (!service_.operation(op)) wrong(fmt::format("there is no operation {}", op));
  }

 private:
  void stand(const std::string& type, const std::string& part) {
    where_ = type;
    pointer_ = "/resources/" + json::pointer_escape(type) + (part.empty() ? "" : "/" + part);
  }
  void wrong(std::string text) { diagnostics_.add(pointer_, where_ + ": " + std::move(text)); }

  std::optional<model::Operation> operation(Operation& op, Names names) {
    auto found = service_.operation(op.name);
    if (!found || found->name() != op.name) {
      wrong(fmt::format("{} has no operation {}", service_.name(), op.name));
      return std::nullopt;
    }
    if (op.by.empty()) complete(op, *found, names);
    for (const auto& path : op.by)
      input_path(found, path);
    for (const auto& [name, value] : op.with)
      input_path(found, name);
    for (const auto& name : op.ignores)
      input_path(found, std::string_view(name));
    if (op.match) {
      input_path(found, std::string_view(op.match->member));
      const auto* token = type_->aspect(op.match->aspect);
      if (token == nullptr || token->token.empty())
        wrong(fmt::format("'match' names no aspect with a token: {}", op.match->aspect));
    }
    return found;
  }

  void complete(Operation& op, const model::Operation& found, Names names) {
    auto parts = type_->key.size();
    if (names == Names::collection) parts = type_->parent.empty() || parts == 0 ? 0 : parts - 1;
    for (std::size_t i = 0; i < parts; ++i) {
      const auto& part = type_->key[i];
      if (!found.input() || !found.input().member(part)) {
        wrong(fmt::format("{} has no input member {}: say 'by'", op.name, part));
        return;
      }
      auto path = Path::parse(part);
      if (path) op.by.push_back(*path);
    }
  }

  void input_path(const std::optional<model::Operation>& op, const Path& path) {
    if (op && !shape_at(op->input(), path))
      wrong(fmt::format("the input of {} has no {}", op->name(), path.str()));
  }
  void input_path(const std::optional<model::Operation>& op, std::string_view name) {
    auto path = Path::parse(name);
    if (path) input_path(op, *path);
  }
  void output_path(const std::optional<model::Operation>& op, const Path& path) {
    if (op && !path.empty() && !shape_at(op->output(), path))
      wrong(fmt::format("the output of {} has no {}", op->name(), path.str()));
  }
  void output_path(const std::optional<model::Operation>& op, std::string_view name) {
    auto path = Path::parse(name);
    if (path) output_path(op, *path);
  }

  std::optional<model::Operation> known(std::string_view word, const std::string& name) {
    stand(type_->name, fmt::format("{}/{}", word, name));
    auto op = service_.operation(name);
    if (!op) wrong(fmt::format("{} has no operation {}", service_.name(), name));
    return op;
  }

  void answer(const std::string& name, const json::Value& output) {
    auto op = known("answers", name);
    for (const auto& [member, value] : json::members(output))
      output_path(op, member);
  }

  void creation(Creation& create) {
    bool chosen_by_service = !type_->id.empty();
    auto op = operation(create.op, chosen_by_service ? Names::collection : Names::resource);
    output_path(op, create.id);
    for (const auto& [name, value] : json::members(create.output))
      output_path(op, name);
    for (const auto& [name, from] : create.takes) {
      if (type_->aspect(name) == nullptr) wrong(fmt::format("'takes' names no aspect: {}", name));
      if (from.is_string() && from.get_string().find('{') == json::String::npos)
        input_path(op, std::string_view(from.get_string()));
    }
    for (const auto& [place, said] : create.stack)
      input_path(op, place);
    if (!create.like) return;
    input_path(op, create.like->by);
    for (const auto& [mine, theirs] : create.like->aspects)
      if (type_->aspect(mine) == nullptr) wrong(fmt::format("'like' names no aspect: {}", mine));
  }

  void removal(Removal& remove) {
    operation(remove.op, Names::resource);
    auto known = [&](const json::Object& aspects) {
      for (const auto& [name, value] : aspects)
        if (type_->aspect(name) == nullptr)
          wrong(fmt::format("there is no aspect {}", std::string_view(name)));
    };
    known(remove.shows);
    for (const auto& [code, aspects] : remove.refuse)
      known(aspects);
  }

  void view(View& view) {
    auto op = operation(view.op, view.many ? Names::collection : Names::resource);
    output_path(op, view.at);
    if (view.lacking) output_path(op, *view.lacking);
    for (const auto& filter : view.filters)
      input_path(op, filter.input);
    if (!op || !view.many) return;
    auto item = shape_at(op->output(), view.at);
    for (const auto& id : view.id)
      if (item && !shape_at(*item, id))
        wrong(fmt::format("an item of {} has no {}", view.op.name, id.str()));
  }

  void read(Read& read) {
    auto op = operation(read.op, Names::resource);
    output_path(op, read.at);
    if (!read.only.empty()) input_path(op, read.only);
    if (!read.each) return;
    auto each = operation(*read.each, Names::resource);
    input_path(each, read.each_name);
    output_path(each, read.each_at);
  }

  void aspect(Aspect& aspect) {
    auto written = (aspect.fact ? "Facts." : "") + aspect.name;
    stand(type_->name, "aspects/" + json::pointer_escape(written));
    where_ += "/" + written;
    if (aspect.read) read(*aspect.read);
    for (auto& other : aspect.other_reads)
      read(other);
    if (aspect.shown && !aspect.read) shown(*aspect.shown, aspect.members);
    if (aspect.one) {
      auto op = operation(aspect.one->op, Names::resource);
      input_path(op, aspect.one->each_name);
      output_path(op, aspect.one->at);
    }
    for (const auto& [name, place] : aspect.told)
      output_path(service_.operation(name), place);
    for (auto& write : aspect.writes)
      this->write(write);
    if (!aspect.shape.shaper.empty() && find_shaper(aspect.shape.shaper) == nullptr)
      wrong(fmt::format("there is no shaper '{}'", aspect.shape.shaper));
  }

  void shown(const Path& path, const std::vector<std::string>& members) {
    const auto* view = type_->get ? &*type_->get : type_->list ? &*type_->list : nullptr;
    if (view == nullptr) return wrong("'shown' needs 'get' or 'list'");
    auto op = service_.operation(view->op.name);
    auto item = op ? shape_at(op->output(), view->at) : std::nullopt;
    if (item && !shape_at(*item, path))
      wrong(fmt::format("{} shows no {}", view->op.name, path.str()));
    auto place = item ? shape_at(*item, path) : std::nullopt;
    for (const auto& name : members)
      if (place && !place->member(name)) wrong(fmt::format("{} shows no {}", view->op.name, name));
  }

  void write(Write& write) {
    auto creates = std::ranges::find(type_->creates, write.op.name,
                                     [](const Creation& create) { return create.op.name; });
    bool creation = creates != type_->creates.end();
    if (creation && write.op.by.empty()) write.op.by = creates->op.by;
    bool unnamed_yet = creation && !type_->id.empty();
    auto op = operation(write.op, unnamed_yet ? Names::collection : Names::resource);
    if (!write.compute.empty() && find_compute(write.compute) == nullptr)
      wrong(fmt::format("there is no function '{}' to compute with", write.compute));
    if (!write.form.empty() && find_form(write.form) == nullptr)
      wrong(fmt::format("there is no function '{}' to write with", write.form));
    if (!write.beside.empty() && type_->aspect(write.beside) == nullptr)
      wrong(fmt::format("'beside' names no aspect: {}", write.beside));
    if (!write.renames.empty() && (!type_->list || type_->id.empty()))
      wrong("'renames' is for what can be listed and has an id of its own");
    output_path(op, write.renames);
    input_path(op, write.at);
    input_path(op, write.entry);
    if (write.pending && !type_->pending) wrong("a pending change needs the type's 'pending'");
    auto at = op ? shape_at(op->input(), write.at) : std::nullopt;
    for (const auto& name : write.mode == Mode::amend ? std::vector<std::string>() : write.members)
      if (at && !at->member(name))
        wrong(fmt::format("the input of {} has no {}", write.op.name, name));
    bool needs_place =
        write.mode == Mode::replace || write.mode == Mode::add || write.mode == Mode::drop;
    if (needs_place && write.at.empty() && write.compute.empty() && write.members.empty())
      wrong(fmt::format("{} needs 'at'", write.op.name));
    if (write.mode == Mode::amend && (write.at.empty() || !write.path.starts_with('/')))
      wrong(fmt::format("{} needs 'at' and a 'path' that begins with /", write.op.name));
    bool items = write.mode == Mode::add || write.mode == Mode::drop;
    if (items && at && at->type() == model::Type::list)
      wrong(fmt::format("{} takes a list: say '{}[]'", write.op.name, write.at.str()));
    bool needs_members = write.mode == Mode::patch && write.at.empty() && write.to.is_null();
    if (needs_members && write.members.empty())
      wrong(fmt::format("{} needs 'at' or 'members'", write.op.name));
  }

  const model::Service& service_;
  Diagnostics& diagnostics_;
  ResourceType* type_ = nullptr;
  std::string where_, pointer_;  // for people, and in the document
};

}  // namespace

void check_and_complete(Description& description, std::vector<ResourceType>& types,
                        const model::Models& models, Diagnostics& diagnostics) {
  auto service = models.service(description.service);
  if (!service || service->name() != description.service)
    return diagnostics.add("/service",
                           fmt::format("boto3 has no client '{}'", description.service));
  Check check(*service, diagnostics);
  for (auto& type : types)
    check.type(type);
  for (const auto& [op, demands] : description.checks)
    check.demands(op, demands);
  const auto& hooks = description.hooks;
  for (const auto& op : description.reads)
    check.exists("reads", op);
  for (const auto& op : description.actions)
    check.exists("actions", op);
  for (const auto& op : hooks.emulate)
    check.exists("hooks/emulate", op);
  for (const auto& op : hooks.check)
    check.exists("hooks/check", op);
  for (const auto& op : hooks.finish)
    check.exists("hooks/finish", op);
}

}  // namespace aright::cloud

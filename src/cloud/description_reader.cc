#include "cloud/description_reader.h"

#include <algorithm>

#include "cloud/description_node.h"

namespace aright::cloud {

namespace {

Operation read_operation(const Node& node) {
  Operation op;
  if (!node.value().is_object()) {
    op.name = node.text();
    return op;
  }
  op.name = node["op"].text();
  if (op.name.empty()) node.wrong("'op' is missing: the operation's name");
  auto by = node["by"];
  if (by.value().is_object()) {
    by.only({"arn"});
    op.by_arn = true;
    op.by.push_back(by["arn"].path());
  } else {
    for (const auto& part : by.each())
      op.by.push_back(part.path());
  }
  op.with = node["with"].object_form();
  op.about = node["about"].object_form();
  for (const auto& [name, value] : op.about)
    if (!value.is_null()) op.with[name] = value;
  op.ignores = node["ignores"].texts();
  op.missing = node["missing"].text();
  if (auto match = node["match"]) {
    match.only({"member", "aspect", "missing", "stale"});
    op.match = {match["member"].text(), match["aspect"].text(), match["missing"].text(),
                match["stale"].text()};
  }
  return op;
}

Write read_write(const Node& node, Mode mode) {
  Write write{.op = read_operation(node), .mode = mode};
  if (!node.value().is_object()) return write;
  node.only({"op",     "by",      "with",  "about",   "ignores",      "missing", "match",  "at",
             "to",     "via",     "after", "from",    "refuse",       "members", "whole",  "item",
             "name",   "when",    "path",  "leaves",  "typed",        "compute", "form",   "decided",
             "defaults", "replaces", "pending", "beside",   "renames",      "irreversible"});
  write.at = node["at"].path();
  write.entry = node["name"].path();
  write.item = node["item"].form();
  write.defaults = node["defaults"].object_form();
  write.compute = node["compute"].text();
  write.form = node["form"].text();
  write.beside = node["beside"].text();
  write.renames = node["renames"].path();
  write.when = node["when"].object_form();
  for (const auto& [name, value] : write.when)
    write.op.with[name] = value;
  write.members = node["members"].texts();
  write.whole = node["whole"].flag();
  write.decided = node["decided"].flag();
  write.replaces = node["replaces"].flag();
  write.irreversible = node["irreversible"].text();
  write.path = node["path"].text();
  write.typed = node["typed"].flag();
  for (const auto& [leaf, member] : node["leaves"].members())
    write.leaves[leaf] = member.text();
  write.via = node["via"].value();
  write.after = node["after"].duration();
  write.refuse = node["refuse"].text();
  if (auto pending = node["pending"]) write.pending = pending.path();
  for (const auto& state : node["from"].each())
    write.from.push_back(state.value());
  if (json::members(node.value()).contains("to")) {
    if (mode != Mode::patch) write.mode = Mode::constant;
    write.to = node["to"].value();
  }
  return write;
}

Read read_read(const Node& node) {
  node.only({"op", "by", "with", "about", "ignores", "missing", "at", "absent", "only", "each", "named",
             "output", "elsewhere"});
  Read read{.op = read_operation(node), .at = node["at"].path()};
  read.output = node["output"].form();
  read.absent = node["absent"].text();
  read.only = node["only"].path();
  read.named = node["named"].text();
  read.elsewhere = node["elsewhere"].flag();
  if (auto each = node["each"]) {
    each.only({"op", "by", "with", "about", "ignores", "missing", "name", "at", "absent"});
    read.each = read_operation(each);
    read.each_name = each["name"].path();
    read.each_at = each["at"].path();
    read.each_absent = each["absent"].text();
  }
  return read;
}

// {op, name, at, absent}: one item by its name.
Read read_one(const Node& node) {
  node.only({"op", "by", "with", "ignores", "name", "at", "absent"});
  Read read{.op = read_operation(node), .at = node["at"].path()};
  read.absent = node["absent"].text();
  read.each_name = node["name"].path();
  return read;
}

Shaping read_shaping(const Node& node) {
  Shaping shape;
  if (!node) return shape;
  node.only({"case", "json", "moves", "wrap", "pick", "shaper", "spread", "verbatim"});
  if (auto word = node["case"]; word && word.text() != "pascal")
    word.wrong("only 'pascal' is known");
  shape.pascal = static_cast<bool>(node["case"]);
  if (node["json"].value().is_array())
    shape.json_members = node["json"].texts();
  else
    shape.json_text = node["json"].flag();
  shape.wrap = node["wrap"].text();
  shape.pick = node["pick"].text();
  shape.shaper = node["shaper"].text();
  shape.spread = node["spread"].flag();
  shape.verbatim = node["verbatim"].texts();
  for (const auto& [from, to] : node["moves"].members())
    shape.moves[from] = to.text();
  return shape;
}

void read_writes(const Node& node, Aspect& aspect) {
  constexpr std::pair<std::string_view, Mode> words[] = {
      {"write", Mode::replace}, {"patch", Mode::patch}, {"add", Mode::add},
      {"drop", Mode::drop},     {"entry", Mode::entry}, {"unentry", Mode::unentry},
      {"remove", Mode::clear},  {"amend", Mode::amend}};
  for (auto [word, mode] : words)
    for (const auto& one : node[word].each())
      aspect.writes.push_back(read_write(one, mode));
  auto toggle = node["switch"];
  toggle.only({"on", "off"});
  for (auto [word, to] : {std::pair{"on", true}, std::pair{"off", false}}) {
    if (!toggle) break;
    aspect.writes.push_back(read_write(toggle[word], Mode::constant));
    aspect.writes.back().to = to;
  }
  for (auto& write : aspect.writes)
    if (write.mode == Mode::patch && write.members.empty() && write.to.is_null() && write.compute.empty())
      write.members = aspect.members;
}

std::optional<Reference> read_reference(const Node& node) {
  if (!node) return std::nullopt;
  node.only({"to", "at", "missing", "in_use", "built_in"});
  return Reference{.type = node["to"].text(),
                   .at = node["at"].path(),
                   .missing = node["missing"].text(),
                   .in_use = node["in_use"].text(),
                   .built_in = node["built_in"].text()};
}

// Where the value comes from.
void read_sources(const Node& node, Aspect& aspect) {
  for (const auto& read : node["read"].each()) {
    if (!aspect.read)
      aspect.read = read_read(read);
    else
      aspect.other_reads.push_back(read_read(read));
  }
  if (auto shown = node["shown"]) aspect.shown = shown.path();
  aspect.members = node["members"].texts();
  if (!aspect.read && !aspect.shown && !aspect.members.empty()) aspect.shown = Path();
  if (auto one = node["one"]) aspect.one = read_one(one);
  if (auto token = node["token"]) aspect.token = json::text(token.form());
  for (const auto& [op, place] : node["told"].members())
    aspect.told[op] = place.path();
}

Aspect read_aspect(std::string name, const Node& node) {
  node.only({"read",       "shown",   "write",  "patch",   "add",     "drop",              "entry",
             "unentry",    "remove",  "switch", "amend",   "one",     "token",             "initial",
             "nothing",    "instead_of_absent", "set",     "identity", "url_encoded",      "as",
             "hidden",     "tags",    "explode", "apart_from", "each", "without",          "becomes",
             "text",       "refers",  "short",  "members", "told",    "cidrs",    "unordered"});
  Aspect aspect;
  constexpr std::string_view facts = "Facts.";
  aspect.fact = name.starts_with(facts);
  aspect.name = aspect.fact ? name.substr(facts.size()) : std::move(name);
  read_sources(node, aspect);
  auto optional_value = [&](std::string_view word) -> std::optional<json::Value> {
    if (!json::members(node.value()).contains(word)) return std::nullopt;
    return node[word].form();
  };
  aspect.initial = optional_value("initial");
  aspect.nothing = optional_value("nothing");
  aspect.instead_of_absent = optional_value("instead_of_absent");
  aspect.identity = node["identity"].texts();
  if (auto becomes = node["becomes"]) {
    becomes.only({"to", "after"});
    aspect.becomes = becomes["to"].value();
    aspect.becomes_after = becomes["after"].duration();
  }
  aspect.explode = node["explode"].texts();
  aspect.apart_from = node["apart_from"].texts();
  for (const auto& place : node["cidrs"].each())
    aspect.cidrs.push_back(place.path());
  aspect.each = node["each"].text();
  aspect.without = node["without"].texts();
  aspect.set = node["set"].flag() || !aspect.identity.empty() || !aspect.explode.empty();
  aspect.text = node["text"].flag();
  aspect.unordered = node["unordered"].text();
  aspect.short_name = node["short"].flag();
  aspect.url_encoded = node["url_encoded"].flag();
  aspect.hidden = node["hidden"].flag();
  aspect.tags = node["tags"].flag();
  aspect.refers = read_reference(node["refers"]);
  aspect.shape = read_shaping(node["as"]);
  read_writes(node, aspect);
  if (!aspect.read && !aspect.shown) node.wrong("an aspect needs 'read' or 'shown'");
  return aspect;
}

View::Filter read_filter(const std::string& input, const Node& node) {
  View::Filter filter;
  auto path = Path::parse(input);
  if (path)
    filter.input = *path;
  else
    node.wrong(path.error().message);
  if (!node.value().is_object()) {
    filter.item = node.path();
    return filter;
  }
  node.only({"prefix", "any", "missing", "named", "otherwise"});
  filter.otherwise = node["otherwise"].value();
  using Kind = View::Filter::Kind;
  if (auto prefix = node["prefix"]) {
    filter.kind = Kind::prefix;
    filter.item = prefix.path();
  } else if (auto any = node["any"]) {
    filter.kind = Kind::any;
    filter.item = any.path();
    filter.missing = node["missing"].text();
  } else {
    filter.kind = Kind::named;
    for (const auto& [name, item] : node["named"].members())
      filter.names[name] = item.path();
  }
  return filter;
}

View read_view(const Node& node, bool many) {
  node.only({"op", "by", "with", "about", "ignores", "missing", "at", "each", "id", "show", "filters", "one",
             "output", "gone", "elsewhere", "of", "lacking", "arns"});
  View view{.op = read_operation(node), .many = many};
  view.at = node[many ? "each" : "at"].path();
  for (const auto& id : node["id"].each())
    view.id.push_back(id.path());
  view.show = node["show"].texts();
  view.arns = node["arns"].flag();
  view.elsewhere = node["elsewhere"].flag();
  for (const auto& [type, member] : node["of"].members())
    view.of.emplace_back(type, member.text());
  view.one = node["one"].object_form();
  view.output = node["output"].form();
  if (auto lacking = node["lacking"]) view.lacking = lacking.path();
  for (const auto& [path, values] : node["gone"].members())
    view.gone[path] = values.texts();
  for (const auto& [input, filter] : node["filters"].members())
    view.filters.push_back(read_filter(input, filter));
  return view;
}

std::optional<Likeness> read_likeness(const Node& node) {
  if (!node) return std::nullopt;
  node.only({"to", "by", "aspects"});
  Likeness like{.type = node["to"].text(), .by = node["by"].path()};
  auto aspects = node["aspects"];
  if (aspects.value().is_array()) {
    for (const auto& name : aspects.texts())
      like.aspects[name] = name;
  } else {
    for (const auto& [mine, theirs] : aspects.members())
      like.aspects[mine] = theirs.text();
  }
  return like;
}

Creation read_creation(const Node& node) {
  Creation create{.op = read_operation(node)};
  if (!node.value().is_object()) return create;
  node.only({"op", "by", "with", "about", "ignores", "missing", "id", "takes", "output", "exists", "taken",
             "idempotent", "updates", "irreversible", "also", "like", "most", "full", "stack"});
  create.id = node["id"].path();
  create.output = node["output"].form();
  create.exists = node["exists"].text();
  create.taken = node["taken"].text();
  create.most = static_cast<int>(json::integer(node["most"].value(), 0));
  create.full = node["full"].text();
  create.idempotent = node["idempotent"].flag();
  create.updates = node["updates"].flag();
  create.irreversible = node["irreversible"].text();
  for (const auto& [member, why] : node["also"].members())
    create.also[member] = why.text();
  create.like = read_likeness(node["like"]);
  for (const auto& [place, said] : node["stack"].members())
    if (auto path = Path::parse(place)) create.stack.emplace_back(std::move(*path), said.form());
    else said.wrong(path.error().message);
  auto takes = node["takes"];
  if (takes.value().is_array()) {
    for (const auto& name : takes.texts())
      create.takes[name] = json::Value(name);
  } else {
    for (const auto& [aspect, from] : takes.members())
      create.takes[aspect] = from.form();
  }
  return create;
}

Removal read_removal(const Node& node) {
  Removal remove{.op = read_operation(node)};
  if (!node.value().is_object()) return remove;
  node.only({"op", "by", "with", "about", "ignores", "missing", "match", "refuse_children", "refuse",
             "refuse_while", "shows", "output", "forgiving", "recreates", "only"});
  for (const auto& [code, aspects] : node["refuse"].members())
    remove.refuse[code] = json::members(aspects.value());
  for (const auto& [aspect, rule] : node["only"].members()) {
    rule.only({"among", "else"});
    remove.only[aspect] = {json::items(rule["among"].value()), rule["else"].text()};
  }
  remove.shows = node["shows"].object_form();
  remove.refuse_children = node["refuse_children"].text();
  for (const auto& [aspect, error] : node["refuse_while"].members())
    remove.refuse_while[aspect] = error.text();
  remove.output = node["output"].form();
  remove.forgiving = node["forgiving"].flag();
  remove.recreates = node["recreates"].flag();
  return remove;
}

Scope read_scope(const Node& node) {
  auto word = node.text();
  if (word == "account") return Scope::account;
  if (word == "partition") return Scope::partition;
  if (!word.empty() && word != "region") node.wrong("a scope is region, account or partition");
  return Scope::region;
}

// {op: UpdateFunctionConfiguration, names: [Timeout, …]}: aspects that views show and one operation
// changes, all under the same name.
void read_group(const Node& node, ResourceType& type) {
  node.only({"op", "by", "with", "about", "ignores", "missing", "match", "names"});
  for (const auto& name : node["names"].texts()) {
    Aspect aspect;
    aspect.name = name;
    auto path = Path::parse(name);
    if (path) aspect.shown = *path;
    Write write{.op = read_operation(node), .at = aspect.shown.value_or(Path())};
    aspect.writes.push_back(std::move(write));
    type.aspects.push_back(std::move(aspect));
  }
}

// The first of each kind is the one that aright itself calls.
void read_views(const Node& node, ResourceType& type) {
  for (const auto& list : node["list"].each()) {
    auto view = read_view(list, true);
    if (type.list)
      type.views.push_back(std::move(view));
    else
      type.list = std::move(view);
  }
  for (const auto& get : node["get"].each()) {
    auto view = read_view(get, false);
    if (type.get)
      type.views.push_back(std::move(view));
    else
      type.get = std::move(view);
  }
}

// A template of the output; or {by, output}.
Glance read_glance(const std::string& op, const Node& node) {
  if (!node["by"]) return {.op = {.name = op}, .output = node.form()};
  node.only({"by", "output"});
  Glance glance{.op = {.name = op}, .output = node["output"].form()};
  auto by = node["by"];
  glance.op.by_arn = by.value().is_object();
  if (glance.op.by_arn) glance.op.by.push_back(by["arn"].path());
  for (const auto& part : glance.op.by_arn ? std::vector<Node>() : by.each())
    glance.op.by.push_back(part.path());
  return glance;
}

ResourceType read_type(const std::string& name, const std::string& service, const Node& node) {
  node.only({"scope",   "key",     "id",        "arn",       "parent",       "missing",
             "record",  "depends", "singleton", "otherwise", "account_fact", "region",
             "create",  "delete",  "list",      "get",       "glances",      "answers",
             "pending", "lower",   "known_as",  "same_name", "always",       "plain_id",
             "aspects", "lone",    "touches",   "ids",       "malformed", "built_in",
             "usual_arn"});
  ResourceType type{.name = name, .service = service, .scope = read_scope(node["scope"])};
  type.key = node["key"].texts();
  for (const auto& [part, meant] : node["otherwise"].members())
    type.otherwise[part] = meant.text();
  type.id = json::text(node["id"].form());
  type.arn = json::text(node["arn"].form());
  type.usual_arn = json::text(node["usual_arn"].form());
  type.parent = node["parent"].text();
  type.missing = node["missing"].texts();
  type.malformed = node["malformed"].text();
  type.record = node["record"].object_form();
  type.depends = node["depends"].texts();
  type.always = node["always"].texts();
  if (auto built_in = node["built_in"]) {
    built_in.only({"id", "aspects", "refuse"});
    type.built_in_refuse = built_in["refuse"].text();
    type.built_in = built_in["id"].text();
    type.built_in_aspects = built_in["aspects"].object_form();
  }
  type.plain_id = node["plain_id"].flag();
  type.singleton = node["singleton"].flag();
  type.lone = node["lone"].flag();
  for (const auto& [id, values] : node["ids"].members())
    type.ids[id] = values.object_form();
  type.account_fact = node["account_fact"].flag();
  if (auto region = node["region"]) type.region = read_read(region);
  for (const auto& create : node["create"].each())
    type.creates.push_back(read_creation(create));
  for (const auto& remove : node["delete"].each())
    type.removes.push_back(read_removal(remove));
  read_views(node, type);
  for (const auto& [op, output] : node["glances"].members())
    type.glances.push_back(read_glance(op, output));
  for (const auto& [op, output] : node["answers"].members())
    type.answers[op] = output.form();
  for (const auto& [op, record] : node["touches"].members())
    type.touches.push_back({.op = {.name = op}, .output = record.form()});
  if (auto pending = node["pending"]) {
    pending.only({"unless", "window"});
    type.pending = Pending{.unless = pending["unless"].text(), .window = pending["window"].text()};
  }
  type.lower = node["lower"].flag();
  type.known_as = node["known_as"].text();
  for (const auto& group : node["same_name"].each())
    read_group(group, type);
  for (const auto& [aspect, part] : node["aspects"].members())
    type.aspects.push_back(read_aspect(aspect, part));
  if (type.pending)  // aright's own calls do not wait
    for (auto& aspect : type.aspects)
      for (auto& write : aspect.writes)
        if (write.pending) write.op.with[type.pending->unless] = true;
  if (type.key.empty() && !type.singleton && !type.lone)
    node.wrong("'key' is missing: the input member that names it");
  if (type.arn.empty()) node.wrong("'arn' is missing");
  return type;
}

Demand read_demand(const Node& node) {
  node.only({"that", "needed", "range", "length", "letters", "like", "among", "is", "else", "message", "when",
             "other_than", "policy", "principals", "assumable_by", "alone"});
  Demand demand{.that = node["that"].path(), .needed = node["needed"].flag()};
  for (auto [word, bounds] : {std::pair{"range", &demand.range}, {"length", &demand.length}}) {
    auto given = node[word];
    if (!given) continue;
    const auto& ends = json::items(given.value());
    if (ends.size() != 2 || !ends[0].is_number() || !ends[1].is_number())
      given.wrong("two numbers are expected here: the least and the most");
    else
      *bounds = std::pair(ends[0].to_number<double>(), ends[1].to_number<double>());
  }
  demand.letters = node["letters"].text();
  demand.like = node["like"].text();
  for (const auto& value : node["among"].each())
    demand.among.push_back(value.value());
  for (const auto& value : node["other_than"].each())
    demand.other_than.push_back(value.value());
  demand.is = node["is"].text();
  demand.when = json::members(node["when"].value());
  demand.policy = node["policy"].flag();
  demand.principals = node["principals"].flag();
  demand.assumable_by = node["assumable_by"].text();
  for (const auto& [type, member] : node["alone"].members())
    std::tie(demand.alone_in, demand.alone_as) = std::pair(type, member.text());
  demand.otherwise = node["else"].text();
  demand.message = json::scalar_text(node["message"].form());
  if (demand.otherwise.empty()) node.wrong("'else' is missing: the error's code");
  return demand;
}

Hooks read_hooks(const Node& node) {
  node.only({"emulate", "check", "finish", "derive"});
  return {.emulate = node["emulate"].texts(),
          .check = node["check"].texts(),
          .finish = node["finish"].texts(),
          .derive = node["derive"].texts()};
}

}  // namespace

ReadDescription read_description(const std::string& file, const json::Document& document,
                                 Diagnostics& diagnostics) {
  Node root(document.value, "", diagnostics);
  root.only({"service", "errors", "reads", "actions", "checks", "hooks", "resources"});
  ReadDescription out;
  auto& about = out.description;
  about.file = file;
  about.service = root["service"].text();
  if (about.service.empty()) root.wrong("'service' is missing: the boto3 client name");
  for (const auto& [code, text] : root["errors"].members()) {
    text.only({"status", "message"});
    about.errors[code] = {.status = static_cast<int>(json::integer(text["status"].value(), 400)),
                          .message = json::scalar_text(text["message"].form())};
  }
  about.reads = root["reads"].texts();
  about.actions = root["actions"].texts();
  for (const auto& [operation, demands] : root["checks"].members())
    for (const auto& demand : demands.each())
      about.checks[operation].push_back(read_demand(demand));
  about.hooks = read_hooks(root["hooks"]);
  for (const auto& [name, type] : root["resources"].members())
    out.types.push_back(read_type(name, about.service, type));
  return out;
}

}  // namespace aright::cloud

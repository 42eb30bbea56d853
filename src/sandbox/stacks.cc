#include "sandbox/stacks.h"

#include <algorithm>

#include "aws/client.h"
#include "base/text.h"
#include "cloud/effect.h"
#include "cloud/locate.h"
#include "cloud/provision.h"
#include "sandbox/emulate.h"
#include "sandbox/stack_types.h"

namespace aright::sandbox {

using cloudformation::TemplateFunctions;

namespace {

constexpr std::size_t name_suffix_length = 12;

// Types that stand for nothing but themselves.
constexpr const char* markers[] = {"AWS::CDK::Metadata",
                                   "AWS::CloudFormation::WaitConditionHandle"};

constexpr std::string_view beginning_of_replacement =
    "Requested update requires the creation of a new physical resource; hence creating one.";

bool is_marker_type(std::string_view type) {
  return std::ranges::find(markers, type) != std::end(markers);
}

json::Object& resources_of(Resource& stack) {
  auto& value = stack.internals["Resources"];
  if (!value.is_object()) value = json::Object();
  return value.get_object();
}
const json::Object& resources_of(const Resource& stack) {
  return json::members(json::at(stack.internals, "Resources"));
}

// One resource of a stack, made and changed by calls.
class Part {
 public:
  Part(Scene& scene, Resource& stack, std::string logical, std::string type)
      : scene_(scene), stack_(stack), logical_(std::move(logical)), type_name_(std::move(type)) {}

  Result<json::Object> make(const json::Object& properties) {
    json::Object out{{"Type", type_name_}, {"Properties", properties}};
    auto name = fresh_name();
    if (is_marker_type(type_name_)) {
      out["Physical"] = name;
      return out;
    }
    if (const auto* attached = attachment(type_name_)) {
      CHECK_OK(attach(scene_, *attached, properties, true));
      out["Physical"] = name;
      return out;
    }
    if (is_statement_type(type_name_)) {
      CHECK_OK(restate(scene_, {}, TRY(statements(scene_, type_name_, name, properties))));
      out["Physical"] = name;
      return out;
    }
    const auto* type = scene_.catalog.type(type_name_);
    if (type == nullptr)
      return fail(stack_error("Unrecognized resource types: [" + type_name_ + "]"));
    auto wanted = TRY(cloud::wanted(*type, as_taken(type_name_, properties), scene_.catalog));
    auto making =
        TRY(cloud::making(*type, wanted, scene_.ref(type_name_, ""), name, scene_.catalog));
    auto beside = TRY(beside_properties(scene_, type_name_, properties));
    for (const auto& [member, value] : beside) making.create.input[member] = value;
    CHECK_OK(check_new(*type, making.create));
    auto before = scene_.created.size();
    auto answer = TRY(scene_.also(type->service, making.create.operation, making.create.input));
    auto ref = made(*type, making.create, answer, before);
    out["Id"] = ref.id;
    out["Physical"] = reference_to(*type, ref);
    for (const auto& taken : making.taken)
      wanted.aspects.erase(taken);
    auto whole = perform(cloud::alteration(*type, ref, {}, wanted.aspects));
    if (whole) whole = restate_from({}, out);
    if (whole) return out;
    (void)remove(out);  // what could not be made whole is not left
    return fail(whole.error());
  }

  // Nothing where the change needs another resource.
  Result<std::optional<json::Object>> change(const json::Object& was,
                                             const json::Object& properties) {
    auto out = was;
    out["Properties"] = properties;
    if (is_marker_type(type_name_)) return std::optional(out);
    const auto& before = json::members(json::at(was, "Properties"));
    if (const auto* attached = attachment(type_name_)) {
      if (json::at(before, attached->member) != json::at(properties, attached->member))
        return std::optional<json::Object>();
      CHECK_OK(attach(scene_, *attached, properties, true));
      return std::optional(out);
    }
    if (is_statement_type(type_name_) && !is_permission_type(type_name_)) {
      CHECK_OK(restate_from(was, out));
      return std::optional(out);
    }
    const auto* type = scene_.catalog.type(type_name_);
    bool same_key = json::at(before, "Serial") == json::at(properties, "Serial");  // another one stands for another key
    if (type == nullptr || json::text(was, "Type", "") != type_name_ || !same_key)
      return std::optional<json::Object>();
    auto content = TRY(change_content(scene_, type_name_, json::text(was, "Physical"), before, properties));
    auto old = TRY(cloud::wanted(*type, content.before, scene_.catalog));
    auto now = TRY(cloud::wanted(*type, content.after, scene_.catalog));
    if (old.named != now.named) return std::optional<json::Object>();
    auto calls = cloud::alteration(*type, ref(was), old.aspects, now.aspects);
    if (!calls && calls.error().code == Errc::unsupported) return std::optional<json::Object>();
    CHECK_OK(perform(std::move(calls)));
    CHECK_OK(restate_from(was, out));
    return std::optional(out);
  }

  Result<> remove(const json::Object& was) {
    if (is_marker_type(type_name_)) return {};
    const auto& properties = json::members(json::at(was, "Properties"));
    if (const auto* attached = attachment(type_name_)) return attach(scene_, *attached, properties, false);
    auto unsaid = restate_from(was, {});
    if (is_statement_type(type_name_)) return unsaid;
    const auto* type = scene_.catalog.type(type_name_);
    if (type == nullptr || type->remove() == nullptr) return {};
    auto here = ref(was);
    bool seen = type->get || type->list;  // a role that a service has is seen as any other
    if (!type->singleton && seen && scene_.world.find(here) == nullptr) return {};
    (void)clear_for_removal(scene_, type_name_, json::text(was, "Physical"));
    auto gone = delete_call(*type, here);
    if (gone || gone.error().http_status == 404) return {};
    // What the template attached to it goes first, as far as it can.
    auto wanted = TRY(cloud::wanted(*type, as_taken(type_name_, properties), scene_.catalog));
    for (const auto& [name, value] : wanted.aspects)
      (void)perform(cloud::alteration(*type, here, {{name, value}}, {}));
    return delete_call(*type, here);
  }

  cloud::ResourceRef ref(const json::Object& was) const {
    return scene_.ref(type_name_, json::text(was, "Id"));
  }

 private:
  std::string fresh_name() {
    return fmt::format("{}-{}-{}", stack_.ref.id, logical_, scene_.ids.upper(name_suffix_length));
  }

  // Empty objects say nothing.
  Result<> restate_from(const json::Object& was, const json::Object& now) {
    auto said = [&](const json::Object& part) -> Result<std::vector<Statement>> {
      if (part.empty()) return std::vector<Statement>();
      return statements(scene_, type_name_, json::text(part, "Physical"), json::members(json::at(part, "Properties")));
    };
    return restate(scene_, TRY(said(was)), TRY(said(now)));
  }

  cloud::ResourceRef made(const cloud::ResourceType& type, const aws::Call& create, const json::Object& answer,
                          std::size_t before) const {
    for (auto i = before; i < scene_.created.size(); ++i)
      if (scene_.created[i].type == type_name_) return scene_.created[i];
    auto told = type.key.size() == 1 ? json::text(type.create()->id.get(json::Value(answer)), "") : "";
    return told.empty() ? named(type, create) : scene_.ref(type_name_, told);
  }

  // The one that the call names, if it names one.
  cloud::ResourceRef named(const cloud::ResourceType& type, const aws::Call& create) const {
    auto call = create;
    call.account = scene_.call.account;
    call.region = scene_.call.region;
    auto refs = cloud::locate(type, type.create()->op, call);
    return refs.empty() ? scene_.ref(type_name_, "") : refs.front();
  }

  // A stack takes over nothing that is there, whoever made it; what it has itself, it does not make twice.
  Result<> check_new(const cloud::ResourceType& type, const aws::Call& create) const {
    if (type.singleton || !type.id.empty()) return {};
    auto there = named(type, create);
    if (there.id.empty() || !cloud::names_one(type, there) || scene_.world.find(there) == nullptr) return {};
    auto name = cloud::key_parts(type, there.id).back();
    const auto& own = json::at(resources_of(std::as_const(stack_)), logical_);
    if (json::text(own, "Id", "") == there.id && json::text(own, "Type", "") == type_name_)
      return fail(stack_error(fmt::format("CloudFormation cannot update a stack when a custom-named resource requires "
                                          "replacing. Rename {} and update the stack again.", name)));
    return fail(
        stack_error(fmt::format("Resource of type '{}' with identifier '{}' already exists.", type_name_, name)));
  }

  Result<> perform(Result<std::vector<aws::Call>> calls) {
    if (!calls) return fail(calls.error());
    for (auto& call : *calls)
      (void)TRY(scene_.also(call.service, call.operation, std::move(call.input)));
    return {};
  }

  Result<> delete_call(const cloud::ResourceType& type, const cloud::ResourceRef& here) {
    auto call = cloud::address(type, type.remove()->op, here);
    if (const auto& match = type.remove()->op.match)
      if (const auto* resource = scene_.world.find(here))
        call.input[match->member] = scene_.value(*resource, match->aspect);
    (void)TRY(scene_.also(call.service, call.operation, std::move(call.input)));
    return {};
  }

  Scene& scene_;
  Resource& stack_;
  std::string logical_, type_name_;
};

// Whether a value says all that a template does; services add members of their own.
bool covers(const json::Value& is, const json::Value& said) {
  if (const auto* members = said.if_object())
    return std::ranges::all_of(*members, [&](const auto& member) {
      return covers(json::at(is, member.key()), member.value());
    });
  const auto* list = said.if_array();
  if (list == nullptr || json::items(is).size() != list->size()) return json::equal(is, said);
  for (std::size_t i = 0; i < list->size(); ++i)
    if (!covers(json::items(is)[i], (*list)[i])) return false;
  return true;
}

// A member by its name, whatever its capitals.
const json::Value& member_like(const json::Object& object, std::string_view name) {
  for (const auto& [key, member] : object)
    if (lower(key) == lower(name)) return member;
  return json::at(object, name);
}

Result<json::Value> attribute_of(const Scene& scene, const json::Object& part,
                                 const std::string& name) {
  const auto* type = scene.catalog.type(json::text(part, "Type"));
  const auto* resource =
      type == nullptr ? nullptr : scene.world.find(scene.ref(type->name, json::text(part, "Id")));
  auto unknown = [&] {
    return fail(stack_error(fmt::format("Requested attribute {} does not exist in schema for {}",
                                        name, json::text(part, "Type"))));
  };
  if (resource == nullptr) return unknown();
  if (name == "Arn" || name == type->name.substr(type->name.rfind(':') + 1) + "Arn")
    return json::Value(scene.arn(*resource));
  auto bucket = cloud::key_parts(*type, resource->ref.id).back();
  if (type->name == "AWS::S3::Bucket" && name == "DomainName")
    return json::Value(bucket + ".s3.amazonaws.com");
  if (type->name == "AWS::S3::Bucket" && name == "RegionalDomainName")
    return json::Value(fmt::format("{}.s3.{}.amazonaws.com", bucket, resource->ref.region));
  auto parts = cloud::key_parts(*type, resource->ref.id);
  for (std::size_t i = 0; i < type->key.size(); ++i)
    if (lower(type->key[i]) == lower(name)) return json::Value(parts[i]);
  auto shown = scene.shown(*resource);
  const json::Value* here = nullptr;
  for (const auto& step : split(name, '.')) {
    here = &member_like(here == nullptr ? shown : json::members(*here), step);
    if (here->is_null()) break;
  }
  if (here != nullptr && !here->is_null()) return *here;
  if (type->aspect(name) != nullptr)
    if (auto value = scene.value(*resource, name); value.is_string()) return value;
  if (auto other = beneath(scene, *resource, name); !other.is_null()) return other;
  if (name == "Id" || name.ends_with("Id") || name.ends_with("Name"))
    return json::Value(json::text(part, "Physical"));
  return unknown();
}

Result<json::Value> imported(const Scene& scene, const std::string& name) {
  for (const auto* stack : scene.world.all(scene.ref(stack_type, "")))
    for (const auto& output : json::items(stack->aspect("Outputs")))
      if (json::text(output, "ExportName", "") == name) return json::at(output, "OutputValue");
  return fail(stack_error(fmt::format("No export named {} found.", name)));
}

TemplateFunctions::Stack stack_view(const Scene& scene, const json::Object& parts, bool guessing) {
  return {
      .ref = [&parts, guessing](const std::string& logical) -> Result<json::Value> {
        if (const auto& part = json::at(parts, logical); !part.is_null())
          return json::at(part, "Physical");
        if (guessing) return json::Value("(" + logical + ")");
        return fail(stack_error(fmt::format(
            "Template format error: Unresolved resource dependencies [{}] in the template",
            logical)));
      },
      .attribute = [&scene, &parts, guessing](const std::string& logical,
                                              const std::string& name) -> Result<json::Value> {
        const auto& part = json::at(parts, logical);
        if (!part.is_null()) return attribute_of(scene, json::members(part), name);
        if (guessing) return json::Value(fmt::format("({}.{})", logical, name));
        return fail(stack_error(fmt::format(
            "Template error: instance of Fn::GetAtt references undefined resource {}", logical)));
      },
      .import = [&scene](const std::string& name) { return imported(scene, name); }};
}

// Logical names that are to be there, in order.
Result<std::vector<std::string>> active_order(const json::Value& whole,
                                              TemplateFunctions& functions) {
  const auto& resources = json::members(json::at(whole, "Resources"));
  auto all = TRY(cloudformation::creation_order(resources));
  std::vector<std::string> out;
  for (auto& logical : all) {
    auto condition = json::text(json::at(resources, logical), "Condition", "");
    bool there = condition.empty();
    if (!there) there = TRY(functions.condition(condition));
    if (there) out.push_back(std::move(logical));
  }
  return out;
}

// One creation or update of a stack.
class Deployment {
 public:
  Deployment(Scene& scene, Resource& stack, const StackRequest& request)
      : scene_(scene),
        stack_(stack),
        request_(request),
        before_(resources_of(stack)),
        order_before_(json::texts(json::at(stack.internals, "Order"))),
        functions_(request.whole, request.values, stack_view(scene, resources_of(stack), false)) {}

  Result<> run() {
    auto order = TRY(active_order(request_.whole, functions_));
    for (const auto& logical : order) {
      auto done = one(logical);
      if (!done) return undo(logical, done.error());
    }
    auto outputs = this->outputs();
    if (!outputs) return undo(stack_.ref.id, outputs.error());
    sweep(order);
    stack_.internals["Order"] = json::Array(order.begin(), order.end());
    stack_.set("Outputs", outputs->empty() ? json::Value() : json::Value(std::move(*outputs)));
    return {};
  }
  bool failed() const { return failed_; }

 private:
  const json::Value& about(const std::string& logical) const {
    return json::at(json::at(request_.whole, "Resources"), logical);
  }

  Result<> one(const std::string& logical) {
    auto type = json::text(about(logical), "Type", "");
    auto evaluated = TRY(functions_.value(json::at(about(logical), "Properties")));
    auto properties = json::members(evaluated);
    Part part(scene_, stack_, logical, type);
    auto& parts = resources_of(stack_);
    if (auto was = before_.find(logical); was != before_.end()) {
      const auto& old = json::members(was->value());
      if (json::text(old, "Type", "") == type && json::at(old, "Properties") == evaluated)
        return {};
      note_event(scene_, stack_, logical, "UPDATE_IN_PROGRESS");
      if (json::text(old, "Type", "") == type) {
        auto changed = TRY(part.change(old, properties));
        if (changed) {
          parts[logical] = std::move(*changed);
          note_event(scene_, stack_, logical, "UPDATE_COMPLETE");
          changed_.push_back(logical);
          return {};
        }
      }
      note_event(scene_, stack_, logical, "UPDATE_IN_PROGRESS", beginning_of_replacement);
      parts[logical] = TRY(part.make(properties));
      bool another = json::at(parts[logical], "Physical") != json::at(old, "Physical") ||
                     json::at(parts[logical], "Id") != json::at(old, "Id");
      if (another) replaced_.push_back(logical);
      made_.push_back(logical);
      note_event(scene_, stack_, logical, "UPDATE_COMPLETE");
      return {};
    }
    const json::Object coming{{"Type", type}, {"Physical", ""}};
    note_event(scene_, stack_, logical, "CREATE_IN_PROGRESS", "", &coming);
    parts[logical] = TRY(part.make(properties));
    made_.push_back(logical);
    note_event(scene_, stack_, logical, "CREATE_COMPLETE");
    return {};
  }

  Result<json::Array> outputs() {
    json::Array out;
    for (const auto& [name, form] : json::members(json::at(request_.whole, "Outputs"))) {
      auto condition = json::text(form, "Condition", "");
      bool there = condition.empty();
      if (!there) there = TRY(functions_.condition(condition));
      if (!there) continue;
      auto value = TRY(functions_.value(json::at(form, "Value")));
      json::Object one{{"OutputKey", name}, {"OutputValue", json::scalar_text(value)}};
      if (const auto& text = json::at(form, "Description"); !text.is_null())
        one["Description"] = text;
      if (const auto& exported = json::at(form, {"Export", "Name"}); !exported.is_null()) {
        auto export_name = TRY(functions_.value(exported));
        one["ExportName"] = json::scalar_text(export_name);
      }
      out.push_back(std::move(one));
    }
    return out;
  }

  // What the template does not hold any more, or what was replaced, goes last.
  void sweep(const std::vector<std::string>& order) {
    for (auto it = order_before_.rbegin(); it != order_before_.rend(); ++it) {
      bool kept = std::ranges::find(order, *it) != order.end();
      bool replaced = std::ranges::find(replaced_, *it) != replaced_.end();
      if (kept && !replaced) continue;
      remove(*it, json::members(json::at(before_, *it)));
      if (!kept) resources_of(stack_).erase(*it);
    }
  }

  void remove(const std::string& logical, const json::Object& was) {
    note_event(scene_, stack_, logical, "DELETE_IN_PROGRESS", "", &was);
    auto gone = Part(scene_, stack_, logical, json::text(was, "Type")).remove(was);
    note_event(scene_, stack_, logical, gone ? "DELETE_COMPLETE" : "DELETE_FAILED",
               gone ? "" : gone.error().message, &was);
  }

  // Everything as it was before, as far as calls can do it.
  Result<> undo(const std::string& logical, const Error& error) {
    failed_ = true;
    bool updating = before_.contains(logical) && logical != stack_.ref.id;
    const json::Object missing{{"Type", json::at(about(logical), "Type")}, {"Physical", ""}};
    bool there = json::members(json::at(stack_.internals, "Resources")).contains(logical);
    note_event(scene_, stack_, logical, updating ? "UPDATE_FAILED" : "CREATE_FAILED", error.message,
               there ? nullptr : &missing);
    reason_ = error.message;
    if (logical != stack_.ref.id)
      note_event(scene_, stack_, stack_.ref.id,
                 before_.empty() ? "ROLLBACK_IN_PROGRESS" : "UPDATE_ROLLBACK_IN_PROGRESS",
                 fmt::format("The following resource(s) failed to {}: [{}].", updating ? "update" : "create", logical));
    auto& parts = resources_of(stack_);
    for (auto it = made_.rbegin(); it != made_.rend(); ++it)
      remove(*it, json::Object(json::members(json::at(parts, *it))));
    for (auto it = changed_.rbegin(); it != changed_.rend(); ++it) {
      const auto& was = json::members(json::at(before_, *it));
      (void)Part(scene_, stack_, *it, json::text(was, "Type"))
          .change(json::Object(json::members(json::at(parts, *it))),
                  json::members(json::at(was, "Properties")));
    }
    stack_.internals["Resources"] = before_;
    return {};
  }

  Scene& scene_;
  Resource& stack_;
  const StackRequest& request_;
  const json::Object before_;
  const std::vector<std::string> order_before_;
  TemplateFunctions functions_;
  std::vector<std::string> made_, changed_, replaced_;
  std::string reason_;
  bool failed_ = false;
};

}  // namespace

bool is_made_by_stacks(const Scene& scene, const std::string& type) {
  return is_marker_type(type) || attachment(type) != nullptr || is_statement_type(type) ||
         scene.catalog.type(type) != nullptr;
}

Error stack_error(std::string message) {
  return service_error("ValidationError", bad_request, std::move(message));
}

void note_event(Scene& scene, Resource& stack, const std::string& logical, std::string_view status,
                std::string_view reason, const json::Object* of) {
  auto& events = stack.internals["Events"];
  if (!events.is_array()) events = json::Array();
  const auto& now = json::at(resources_of(std::as_const(stack)), logical);  // else it could move the events
  const json::Value part = of == nullptr ? now : json::Value(*of);
  bool whole = logical == stack.ref.id;
  json::Object event{{"StackId", json::at(stack.record, "StackId")},
                     {"EventId", scene.ids.uuid()},
                     {"StackName", stack.ref.id},
                     {"LogicalResourceId", logical},
                     {"PhysicalResourceId",
                      whole ? json::at(stack.record, "StackId") : json::at(part, "Physical")},
                     {"ResourceType", whole ? json::Value(stack_type) : json::at(part, "Type")},
                     {"Timestamp", scene.now.iso()},
                     {"ResourceStatus", status}};
  if (!reason.empty()) event["ResourceStatusReason"] = reason;
  auto& list = events.get_array();
  if (list.size() >= stack_events_max) list.erase(list.begin());
  list.push_back(std::move(event));
}

Result<json::Array> changes_of(Scene& scene, const Resource& stack, const StackRequest& request) {
  const auto& parts = resources_of(stack);
  TemplateFunctions functions(request.whole, request.values, stack_view(scene, parts, true));
  auto order = TRY(active_order(request.whole, functions));
  json::Array out;
  auto add = [&](const char* action, const std::string& logical, const json::Value& type) {
    const auto& part = json::at(parts, logical);
    json::Object change{{"Action", action}, {"LogicalResourceId", logical}, {"ResourceType", type}};
    if (!part.is_null()) change["PhysicalResourceId"] = json::at(part, "Physical");
    if (std::string_view(action) == "Modify") change["Replacement"] = "Conditional";
    out.push_back(json::Object{{"Type", "Resource"}, {"ResourceChange", std::move(change)}});
  };
  for (const auto& logical : order) {
    const auto& about = json::at(json::at(request.whole, "Resources"), logical);
    auto properties = TRY(functions.value(json::at(about, "Properties")));
    const auto& was = json::at(parts, logical);
    if (was.is_null())
      add("Add", logical, json::at(about, "Type"));
    else if (!json::equal(json::Value(json::members(properties)), json::at(was, "Properties")))
      add("Modify", logical, json::at(about, "Type"));
  }
  for (const auto& [logical, part] : parts)
    if (std::ranges::find(order, std::string_view(logical)) == order.end())
      add("Remove", logical, json::at(part, "Type"));
  return out;
}

Result<> bring_about(Scene& scene, Resource& stack, const StackRequest& request) {
  bool fresh = json::at(stack.internals, "Order").is_null();
  for (const auto* name : {"Template", "Resources", "Order", "Events", "ChangeSets"})
    stack
        .internals[name];  // there from the start, so that none of them moves while others are made
  std::string verb = fresh ? "CREATE" : "UPDATE";
  note_event(scene, stack, stack.ref.id, verb + "_IN_PROGRESS", "User Initiated");
  Deployment deployment(scene, stack, request);
  CHECK_OK(deployment.run());
  auto status = verb + "_COMPLETE";
  if (deployment.failed()) status = fresh ? "ROLLBACK_COMPLETE" : "UPDATE_ROLLBACK_COMPLETE";
  if (!deployment.failed()) {
    stack.internals["Template"] = request.text;
    if (request.hidden.empty()) stack.internals.erase("Hidden");
    else stack.internals["Hidden"] = request.hidden;
    stack.set("Parameters",
              request.parameters.empty() ? json::Value() : json::Value(request.parameters));
    if (const auto& about = json::at(request.whole, "Description"); !about.is_null())
      stack.record["Description"] = about;
  }
  if (!fresh) stack.record["LastUpdatedTime"] = scene.now.iso();
  if (fresh && deployment.failed()) stack.internals["Order"] = json::Array();
  stack.set("StackStatus", json::Value(status));
  note_event(scene, stack, stack.ref.id, status);
  return {};
}

bool take_down(Scene& scene, Resource& stack, const std::vector<std::string>& retained) {
  auto order = json::texts(json::at(stack.internals, "Order"));
  auto whole = cloudformation::parse_template(json::text(stack.internals, "Template"));
  bool all = true;
  for (auto it = order.rbegin(); it != order.rend(); ++it) {
    auto policy =
        whole ? json::text(json::at(json::at(*whole, "Resources"), *it), "DeletionPolicy", "") : "";
    bool stays = policy == "Retain" || std::ranges::find(retained, *it) != retained.end();
    auto was = json::members(json::at(resources_of(stack), *it));
    auto gone = stays ? Result<>() : Part(scene, stack, *it, json::text(was, "Type")).remove(was);
    note_event(scene, stack, *it,
               stays  ? "DELETE_SKIPPED"
               : gone ? "DELETE_COMPLETE"
                      : "DELETE_FAILED",
               gone ? "" : gone.error().message);
    if (gone) resources_of(stack).erase(*it);
    all = all && gone;
  }
  return all;
}

std::map<std::string, std::vector<std::string>> drift_of(Scene& scene, const Resource& stack) {
  std::map<std::string, std::vector<std::string>> out;
  for (const auto& [logical, part] : resources_of(stack)) {
    const auto* type = scene.catalog.type(json::text(part, "Type", ""));
    if (type == nullptr || (!type->get && !type->list)) continue;
    const auto* resource = scene.world.find(scene.ref(type->name, json::text(part, "Id", "")));
    auto said = as_taken(type->name, json::members(json::at(part, "Properties")));
    auto wanted = cloud::wanted(*type, said, scene.catalog);
    auto& names = out[logical];
    if (resource == nullptr) names.push_back("");
    if (resource == nullptr || !wanted) continue;
    for (const auto& [name, value] : wanted->aspects)
      if (!covers(cloud::normal(*type->aspect(name), scene.value(*resource, name)), value))
        names.push_back(name);
  }
  return out;
}

}  // namespace aright::sandbox

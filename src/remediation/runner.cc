#include "remediation/runner.h"

#include "aws/fit.h"
#include "base/digest.h"
#include "base/id.h"
#include "base/text.h"
#include "remediation/bare_event.h"
#include "script/answer.h"
#include "script/archive.h"

namespace aright::remediation {

namespace {

using namespace runbook;

constexpr std::string_view resource_id = "RESOURCE_ID";

// RESOURCE_ID anywhere in a parameter's value stands for the resource, as in Config's RemediationConfiguration:
// {"ResourceValue": {"Value": "RESOURCE_ID"}}, {"StaticValue": {"Values": […]}}, or the value itself.
json::Value parameter_value(const json::Value& value, const std::string& id) {
  if (value.is_string() && value.get_string() == resource_id) return json::Value(id);
  if (value.is_object()) {
    if (const auto& resource = json::at(value, {"ResourceValue", "Value"}); !resource.is_null()) return json::Value(id);
    if (const auto& values = json::at(value, {"StaticValue", "Values"}); values.is_array()) {
      auto list = parameter_value(values, id);
      return list.get_array().size() == 1 ? list.get_array()[0] : list;
    }
    json::Object out;
    for (const auto& [key, member] : value.get_object()) out[key] = parameter_value(member, id);
    return out;
  }
  if (value.is_array()) {
    json::Array out;
    for (const auto& item : value.get_array()) out.push_back(parameter_value(item, id));
    return out;
  }
  return value;
}

// What AWS Config hands to the function of a custom rule. The token is the run's own: PutEvaluations takes no other.
json::Object config_event(const Resource& resource, std::string_view control, const json::Object& parameters,
                          const std::string& hash) {
  auto token = to_hex(sha256(fmt::format("{} {} {} {}", resource.account, resource.arn, control, hash)));
  json::Object item{{"resourceId", resource.id},
                    {"resourceType", resource.type},
                    {"resourceName", resource.id},
                    {"ARN", resource.arn},
                    {"awsAccountId", resource.account},
                    {"awsRegion", resource.region},
                    {"configurationItemStatus", "OK"}};
  json::Object invoking{{"messageType", "ConfigurationItemChangeNotification"},
                        {"configurationItem", std::move(item)},
                        {"configurationItemDiff", nullptr},
                        {"recordVersion", "1.3"}};
  return {{"version", "1.0"},
          {"invokingEvent", json::print(invoking)},
          {"ruleParameters", json::print(parameters)},
          {"resultToken", std::move(token)},
          {"eventLeftScope", false},
          {"configRuleName", control},
          {"accountId", resource.account}};
}

// Where an execution runs; "": where whoever starts it does.
struct Where {
  std::string account, region;
};

// What the Parameter Store parameters hold that defaults name, a StringList as a list.
Result<json::Object> store_values(const Document& document, const json::Object& given, const Where& where,
                                  aws::Caller& door, const Context& context) {
  json::Object out;
  for (const auto& name : store_references(document, given)) {
    if (out.contains(name)) continue;
    aws::Call call{.service = "ssm", .operation = "GetParameter", .region = where.region, .account = where.account,
                   .input = {{"Name", name}}};
    auto answer = door.call(call, context);
    if (!answer) return wrap(answer.error(), "reading the parameter {} that a default names", name);
    const auto& found = json::at(*answer, "Parameter");
    auto type = json::text(found, "Type", ""), value = json::text(found, "Value", "");
    if (type == "SecureString")
      return fail(Errc::invalid, "the parameter {} that a default names is a SecureString: name a String", name);
    out[name] = value;
    if (type != "StringList") continue;
    json::Array list;
    for (const auto& item : split(value, ',')) list.push_back(json::Value(item));
    out[name] = std::move(list);
  }
  return out;
}

// Where an attachment is, as GetDocument tells it: https://s3.us-east-1.amazonaws.com/bucket/key.
std::optional<json::Object> object_at(std::string_view url) {
  constexpr std::string_view scheme = "https://s3.";
  if (!url.starts_with(scheme)) return std::nullopt;
  auto bucket = url.find('/', scheme.size());
  auto key = bucket == url.npos ? url.npos : url.find('/', bucket + 1);
  if (key == url.npos) return std::nullopt;
  return json::Object{{"Bucket", url.substr(bucket + 1, key - bucket - 1)}, {"Key", url.substr(key + 1)}};
}

// Attachments that the account may read in S3, as base64. One that it may not read is missed by the step that needs it.
json::Object attachments_of(const json::Object& document, const Where& where, aws::Caller& door,
                            const Context& context) {
  json::Object out;
  for (const auto& one : json::items(json::at(document, "AttachmentsContent"))) {
    auto object = object_at(json::text(one, "Url", ""));
    if (!object || json::integer(json::at(one, "Size")) > static_cast<std::int64_t>(attachment_bytes_max)) continue;
    aws::Call call{.service = "s3", .operation = "GetObject", .region = where.region, .account = where.account,
                   .input = std::move(*object)};
    auto answer = door.call(call, context);
    if (answer) out[json::text(one, "Name", "")] = json::text(*answer, "Body");
  }
  return out;
}

// A document that is no file and not in the catalog may be one of the account's own.
Result<Runbook> document_in_store(std::string_view name, const std::string& version, const Where& where,
                                  aws::Caller& door, const Context& context) {
  aws::Call call{.service = "ssm", .operation = "GetDocument", .region = where.region, .account = where.account,
                 .input = {{"Name", name}}};
  if (!version.empty()) call.input["DocumentVersion"] = version;
  auto answer = TRY(door.call(call, context));
  if (auto type = json::text(answer, "DocumentType", "Automation"); type != "Automation")
    return fail(Errc::invalid, "the document {} is of the type {}, and no runbook", name, type);
  if (json::text(answer, "Status", "Active") == "Failed")
    return fail(Errc::invalid, "the document {} is Failed: {}", name, json::text(answer, "StatusInformation", ""));
  return runbook_from({{"runbook", name},
                       {"text", json::text(answer, "Content", "")},
                       {"attachments", attachments_of(answer, where, door, context)}});
}

Result<Runbook> find_runbook(const Library& library, std::string_view name, const std::string& version,
                             const Where& where, aws::Caller& door, const Context& context) {
  // Versions of a document that was put stand beside it, by name and number.
  bool exact = !version.empty() && version != "$DEFAULT";
  auto known = library.runbook(exact ? fmt::format("{}:{}", name, version) : std::string(name));
  if (known || known.error().code != Errc::not_found) return known;
  if (auto other = exact ? library.runbook(name) : known; other) {
    if (version == "1" || version == "$LATEST") return other;  // the catalog's have one
    return fail({.code = Errc::not_found, .message = fmt::format("the document {} has no version {}", name, version),
                 .wire_code = "InvalidDocumentVersion"});
  }
  auto stored = document_in_store(name, version, where, door, context);
  if (stored || stored.error().wire_code.empty()) return stored;
  if (stored.error().wire_code == "InvalidDocument") return known;
  if (stored.error().wire_code.starts_with("InvalidDocument")) return stored;  // there: but no good, or no such version
  if (stored.error().code == Errc::not_found) return known;
  return wrap(stored.error(), "there is no runbook '{}' here, and it can't be read from Systems Manager", name);
}

// As whoever reads it from the ledger later gets it, members in order and numbers in one form: what goes on after a
// crash goes on with the same. What no ledger takes is refused there.
json::Object as_on_record(json::Object value) {
  auto read = json::parse(json::canonical(json::Value(value)));
  return read ? json::members(*read) : std::move(value);
}

Result<Prepared> prepare_runbook(const Library& library, std::string_view name, const std::string& version,
                                 const json::Object& given, const Where& where, aws::Caller& door,
                                 const Context& context) {
  auto found = TRY(find_runbook(library, name, version, where, door, context));
  auto store = TRY(store_values(*found.document, given, where, door, context));
  auto parameters = TRY(resolve_parameters(*found.document, given, store));
  return Prepared{.document = found.document,
                  .parameters = as_on_record(std::move(parameters)),
                  .source = source_of(name, found),
                  .hash = found.document->hash(),
                  .name = std::string(name)};
}

Returned returned(const std::string& token, Result<json::Object> answer) {
  if (answer) return {.token = token, .output = as_on_record(std::move(*answer)), .error = std::nullopt};
  return {.token = token, .output = {}, .error = answer.error()};
}

// Where the failure is ours and not the call's, nothing can be said about the command.
bool interrupted(const Error& error, const Context& context) {
  return (error.code == Errc::cancelled || error.code == Errc::deadline) && !context.check();
}

// Scripts that make up names make up the same ones in the execution as in its rehearsal.
std::string seed_of(const Start& start) { return start.seed.empty() ? start.execution_id : start.seed; }

script::Program program_of(const Code& code, const Start& start, std::string_view function, json::Value event) {
  auto program = code.program;
  program.event = std::move(event);
  program.account = start.account;
  program.region = start.region;
  program.function_name = function;
  program.request_id = uuid_from(seed_of(start));
  return program;
}

// The door of a function that was called as Config calls one: what it reports with the token of its event is taken
// here, and is no call of the cloud. A token that is another's is refused.
class Reporting final : public aws::Caller {
 public:
  Reporting(aws::Caller& below, std::string token) : below_(below), token_(std::move(token)) {}

  Result<json::Object> call(const aws::Call& call, const Context& context) override {
    if (token_.empty() || call.name() != "config:PutEvaluations") return below_.call(call, context);
    bool test = json::truth(json::at(call.input, "TestMode"));
    if (json::text(call.input, "ResultToken") != token_ && !test) {
      constexpr int bad_request = 400;
      return fail({.code = Errc::invalid, .message = "The result token is not valid.",
                   .wire_code = "InvalidResultTokenException", .http_status = bad_request});
    }
    for (const auto& one : json::items(json::at(call.input, "Evaluations")))
      if (!test && reported_.size() < reports_max) reported_.push_back(one);
    return json::Object{{"FailedEvaluations", json::Array()}};
  }
  json::Array take() { return std::move(reported_); }

 private:
  static constexpr std::size_t reports_max = 1'000;
  aws::Caller& below_;
  const std::string token_;
  json::Array reported_;
};

// Functions registered here answer lambda:Invoke themselves, in a jail, and call out through the same door.
Result<json::Object> invoke(const CallAws& call, const Code& code, const Start& start, const Ground& ground,
                            const Context& context) {
  auto payload = TRY(from_base64(json::text(call.input, "Payload")));
  auto event = payload.empty() ? json::Value(json::Object{}) : TRY(json::parse(payload));
  auto name = json::text(call.input, "FunctionName");
  auto program = program_of(code, start, name, std::move(event));
  program.pass_time = ground.pass_time;
  Reporting door(*ground.door, json::text(program.event, "resultToken", ""));
  auto outcome = TRY(script::run(program, door, context));
  auto answer = script::invoke_answer(program, outcome, json::text(call.input, "LogType") == "Tail");
  if (auto reported = door.take(); !reported.empty()) answer["Evaluations"] = std::move(reported);
  return answer;
}

// As Systems Manager has it: what comes as a stream is no answer to select from.
Result<> check_no_stream(const CallAws& call) {
  auto service = model::Models::embedded().service(call.service);
  auto operation = service ? service->operation(call.operation) : std::nullopt;
  if (!operation || !operation->output() || service->name() == "lambda") return {};
  for (const auto& member : operation->output().members())
    if (member.streaming() || member.shape().streaming() || member.shape().event_stream())
      return fail(Errc::unsupported, "{}:{} answers with a stream, which no step of a runbook can take: read it in an "
                  "aws:executeScript with boto3", service->name(), operation->name());
  return {};
}

int status_of(const CallAws& call) {
  auto service = model::Models::embedded().service(call.service);
  auto operation = service ? service->operation(call.operation) : std::nullopt;
  return operation ? operation->success_status() : Returned().http_status;
}

Result<json::Object> call_aws(const CallAws& call, const Start& start, const Ground& ground, const Context& context) {
  if (call.service == "lambda" && (call.operation == "Invoke" || call.operation == "invoke"))
    if (const auto* code = ground.library->function(json::text(call.input, "FunctionName")))
      return invoke(call, *code, start, ground, context.at_most(call.timeout));
  CHECK_OK(check_no_stream(call));
  aws::Call out{.service = call.service,
                .operation = call.operation,
                .region = call.region.empty() ? start.region : call.region,
                .account = call.account.empty() ? start.account : call.account,
                .input = aws::fit_input(model::Models::embedded(), call.service, call.operation, call.input)};
  return ground.door->call(out, context.at_most(call.timeout));
}

Result<std::map<std::string, std::string>> files_of(const RunScript& command) {
  std::map<std::string, std::string> files;
  if (!command.attachment.empty()) {
    if (command.attached.empty())
      return fail(Errc::not_found, "step {}: the attachment {} is not here; put it beside the document", command.step,
                  command.attachment);
    if (command.attachment.ends_with(".zip")) files = TRY(script::unzip(command.attached)).files;
    else files[command.attachment] = command.attached;
  }
  if (!command.script.empty()) files["script.py"] = command.script;
  return files;
}

// As Systems Manager tells of a script's exception.
std::string told_of(const script::Outcome& outcome) {
  if (outcome.stack.empty()) return fmt::format("{}: {}", outcome.error_type, outcome.error_message);
  std::string out = "Traceback (most recent call last):\n";
  for (const auto& frame : outcome.stack) out += frame.ends_with('\n') ? frame : frame + "\n";
  return fmt::format("{}\n{} - {}", out, outcome.error_type, outcome.error_message);
}

Result<json::Object> run_script(const RunScript& command, const Start& start, const Ground& ground,
                                const Context& context) {
  script::Program program;
  program.runtime = command.runtime;
  program.files = TRY(files_of(command));
  program.handler = command.handler;
  program.event = command.payload;
  program.account = start.account;
  program.region = start.region;
  program.request_id = uuid_from(seed_of(start) + command.token);
  program.variables = runbook::execution_globals(start);
  program.limits.wall = command.timeout;
  program.pass_time = ground.pass_time;
  auto outcome = TRY(script::run(program, *ground.door, context));
  if (outcome.ok) return json::Object{{"Payload", outcome.result}, {"Log", outcome.log}};
  return fail({.code = outcome.error_type == script::out_of_time ? Errc::deadline : Errc::invalid,
               .message = told_of(outcome),
               .wire_code = outcome.error_type});
}

}  // namespace

Result<Prepared> prepare(const Library& library, const Action& action, const Resource& resource,
                         std::string_view control, aws::Caller& door, const Context& context) {
  if (action.kind == Action::Kind::runbook) {
    auto given = parameter_value(action.parameters, resource.id);
    return prepare_runbook(library, action.target, "", given.as_object(), {}, door, context);
  }
  const auto* code = library.function(action.target);
  if (!code) return fail(Errc::not_found, "no function '{}' is registered", action.target);
  // An event rule hands its own event on; a control speaks to its function as Config does.
  auto payload = control.starts_with("rule:")
                     ? as_event(action.parameters)
                     : json::Value(config_event(resource, control, action.parameters, code->hash));
  Prepared out{.document = nullptr, .parameters = {}, .source = {{"function", action.target}, {"payload", payload}},
               .hash = code->hash, .name = action.target};
  out.document = TRY(load_source(out.source));
  return out;
}

Result<Prepared> prepare_version(const Library& library, std::string_view runbook, const std::string& version,
                                 const json::Object& parameters, aws::Caller& door, const Context& context) {
  return prepare_runbook(library, runbook, version, parameters, {}, door, context);
}

Result<Prepared> prepare_for_each(std::string_view runbook, const json::Object& parameters,
                                  const json::Object& for_each) {
  json::Object source{{"runbook", runbook}, {"text", for_each_document(runbook, for_each)}};
  auto document = TRY(load_source(source));
  auto resolved = TRY(resolve_parameters(*document, {{for_each_parameter, parameters}}));
  return Prepared{.document = document,
                  .parameters = std::move(resolved),
                  .source = std::move(source),
                  .hash = document->hash(),
                  .name = std::string(runbook)};
}

Result<std::shared_ptr<const Document>> load_source(const json::Object& source) {
  if (auto function = json::text(source, "function"); !function.empty())
    return std::make_shared<const Document>(function_document(function, json::at(source, "payload")));
  return TRY(runbook_from(source)).document;
}

Result<std::shared_ptr<const Document>> DocumentCache::load(const std::string& hash, const json::Object& source) {
  // A function's hash is that of its code; its document holds the payload too.
  if (source.contains("function")) return load_source(source);
  {
    std::lock_guard lock(mutex_);
    if (auto found = documents_.find(hash); found != documents_.end()) return found->second;
  }
  auto document = TRY(load_source(source));
  std::lock_guard lock(mutex_);
  if (documents_.size() >= documents_max) documents_.clear();
  documents_[hash] = document;
  return document;
}

Result<Prepared> prepare_child(const Library& library, const Child& child, const Start& parent, aws::Caller& door,
                               const Context& context) {
  if (parent.depth + 1 > nesting_max)
    return fail(Errc::invalid, "executions nest deeper than {}", nesting_max);
  return prepare_runbook(library, child.document, child.version, child.parameters, {child.account, child.region}, door,
                         context);
}

json::Object child_output(const Machine& machine) {
  auto execution = machine.execution();
  json::Array outputs;  // in the order in which the document declares them
  for (const auto& [name, value] : json::members(json::at(execution, "Outputs"))) outputs.push_back(value);
  return {{"ExecutionId", json::at(execution, "AutomationExecutionId")},
          {"Status", name(machine.status())},
          {"Output", std::move(outputs)}};
}

Result<Returned> perform(const runbook::Command& command, const Start& start, const Ground& ground,
                         const Context& context) {
  auto token_text = std::string(token(command));
  if (ground.scope) ground.scope(token_text);
  Result<json::Object> answer = fail(Errc::internal, "command {} can't be performed", token_text);
  if (const auto* call = std::get_if<CallAws>(&command)) {
    answer = call_aws(*call, start, ground, context);
  } else if (const auto* script = std::get_if<RunScript>(&command)) {
    answer = run_script(*script, start, ground, context);
  } else if (const auto* webhook = std::get_if<PostWebhook>(&command)) {
    auto posted = ground.post(*webhook, context);
    answer = posted ? Result<json::Object>(json::Object{{"ResponseCode", 200}, {"Response", ""}})
                    : Result<json::Object>(std::unexpected(posted.error()));
  }
  if (!answer && interrupted(answer.error(), context)) return fail(answer.error());
  auto told = returned(token_text, std::move(answer));
  if (const auto* call = std::get_if<CallAws>(&command); call && !told.error) told.http_status = status_of(*call);
  return told;
}

}  // namespace aright::remediation
